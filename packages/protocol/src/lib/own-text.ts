/** Slices of this many characters and more share memory with the text they are of. */
const sharedLength = 13

/**
 * The same text in memory of its own. A slice keeps the whole text alive that it was cut out of: a head with everything that was
 * not to be kept, signatures too. `text` has one byte per character, as fields have.
 */
export function ownText(text: string): string {
  return text.length < sharedLength ? text : Buffer.from(text, 'latin1').toString('latin1')
}
