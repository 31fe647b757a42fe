/**
 * Compiles a pattern of host names: `*` stands for any run of characters, dots included, and a leading `*.` also for
 * nothing, so that `*.example.com` matches `example.com` too. Any case, trailing dots ignored.
 */
export function compileHostGlob(pattern: string): (hostname: string) => boolean {
  const normalised = normalise(pattern)
  const bare = normalised.startsWith('*.') ? normalised.slice(2) : undefined
  const pieces = normalised.split('*')
  return (hostname) => {
    const name = normalise(hostname)
    return (bare !== undefined && !bare.includes('*') && name === bare) || matchesPieces(name, pieces)
  }
}

/** Whether `text` is the pieces in order with anything between them; linear, as the first fit of each piece serves. */
function matchesPieces(text: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? ''
  if (pieces.length === 1) return text === first
  const last = pieces[pieces.length - 1] ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  const end = text.length - last.length
  let position = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, position)
    if (found === -1 || found + piece.length > end) return false
    position = found + piece.length
  }
  return true
}

function normalise(name: string): string {
  const lower = name.toLowerCase()
  return lower.endsWith('.') ? lower.slice(0, -1) : lower
}
