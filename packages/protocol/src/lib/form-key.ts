/** The key that a form upload (PostObject) writes to. */
export type FormKey =
  /** Not known yet: push more of the body. */
  | { readonly kind: 'pending' }
  /** The key as a binary string: its UTF-8 bytes, one code unit each. Never empty. */
  | { readonly kind: 'key'; readonly key: string }
  /** The store may read the form otherwise: count on any key of the bucket to be written. */
  | { readonly kind: 'unreadable'; readonly reason: FormKeyFault }

/** Why the key of a form was not understood. */
export type FormKeyFault =
  | 'no-boundary'
  | 'not-multipart'
  /** More than 32 KiB before the file; S3 allows 20 KB. */
  | 'too-large'
  | 'no-key'
  /** Two fields named `key`, or an encoded one, or white space around it. */
  | 'doubtful-key'
  /** The key holds `${filename}` and the name of the file is missing or written in a way that is not read alike by all. */
  | 'doubtful-filename'
  /** The body ended before its file. */
  | 'truncated'

/** Finds the key while a form passes by. */
export interface FormKeyReader {
  /** Takes the next bytes of the body. Once the answer is not `pending` any more it stays and more bytes cost nothing. */
  push(chunk: Uint8Array): FormKey
  /** To be called when the body has ended; never `pending`. */
  end(): FormKey
}

const maxBytes = 32 * 1024
/** Stands in a key for the name of the file. */
const variable = '$' + '{filename}'

const pending: FormKey = { kind: 'pending' }

/**
 * A reader for one `multipart/form-data` body (RFC 7578) with the given `Content-Type`. The fields stand before the
 * file, at which it stops (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html).
 */
export function createFormKeyReader(contentType: string): FormKeyReader {
  const boundary = boundaryOf(contentType)
  let answer: FormKey = boundary === undefined ? unreadable('no-boundary') : pending
  /** What is not read yet. A line end is put before the first boundary, so that all look the same. */
  let text = '\r\n'
  let taken = 0
  let keys: string[] = []
  /** The headers of the field whose value comes next; undefined between fields. */
  let part: Part | undefined

  /** Reads one step; answers false if more bytes are needed for it. */
  const step = (delimiter: string): boolean => {
    const end = text.indexOf(part === undefined ? '\r\n\r\n' : delimiter)
    if (end < 0) return false
    if (part !== undefined) {
      if (part.name === 'key') keys = [...keys, part.isPlain ? text.slice(0, end) : '']
      text = text.slice(end)
      part = undefined
      return true
    }
    if (!text.startsWith(`${delimiter}\r\n`)) {
      answer = unreadable(text.startsWith(`${delimiter}--`) ? 'no-key' : 'not-multipart')
      return true
    }
    part = parsePart(text.slice(delimiter.length + 2, end))
    text = text.slice(end + 4)
    if (part.name === 'file') answer = keyOf(keys, part)
    return true
  }

  return {
    push(chunk) {
      if (answer.kind !== 'pending') return answer
      const room = maxBytes - taken
      text += Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, room)).toString('latin1')
      taken += chunk.length
      const delimiter = `\r\n--${boundary}`
      while (answer.kind === 'pending' && step(delimiter));
      if (answer.kind === 'pending' && taken > maxBytes) answer = unreadable('too-large')
      return answer
    },
    end() {
      if (answer.kind === 'pending') answer = unreadable('truncated')
      return answer
    },
  }
}

/** The headers of one part. */
interface Part {
  /** Lower case, for some stores do not mind the case. */
  readonly name: string
  /** Undefined if absent or written in a second form beside. */
  readonly filename: string | undefined
  /** Whether the value is the bytes as they stand. */
  readonly isPlain: boolean
}

/** A part that may be anything to a store, so also a second key. */
const doubtfulPart: Part = { name: 'key', filename: undefined, isPlain: false }

function parsePart(headers: string): Part {
  const [disposition, ...others] = [...headers.matchAll(/^content-disposition:[ \t]*form-data(.*)$/gim)]
  const parameters = parseParameters(disposition?.[1] ?? '')
  const name = parameters?.get('name')
  if (parameters === undefined || name === undefined || others.length > 0) return doubtfulPart
  // A folded line, or a name in the form of RFC 5987.
  if (/\n[ \t]/.test(headers) || parameters.has('name*')) return doubtfulPart
  const filename = parameters.has('filename*') ? undefined : parameters.get('filename')
  return { name: name.toLowerCase(), filename, isPlain: !/^content-transfer-encoding:/im.test(headers) }
}

/** `; name="key"; filename=a`; undefined if a name comes twice, or there is anything unusual such as a backslash. */
function parseParameters(text: string): ReadonlyMap<string, string> | undefined {
  const parameters = new Map<string, string>()
  const pattern = /;[ \t]*([^\s"\\;=]+)=(?:"([^"\\]*)"|([^\s"\\;]+))[ \t]*/y
  for (let end = 0; end < text.length; end = pattern.lastIndex) {
    const match = pattern.exec(text)
    if (match === null) return undefined
    const name = match[1]?.toLowerCase() ?? ''
    if (parameters.has(name)) return undefined
    parameters.set(name, match[2] ?? match[3] ?? '')
  }
  return parameters
}

function boundaryOf(contentType: string): string | undefined {
  const semicolon = contentType.indexOf(';')
  const boundary = semicolon < 0 ? undefined : parseParameters(contentType.slice(semicolon))?.get('boundary')
  return boundary === undefined || boundary === '' || boundary.length > 70 ? undefined : boundary
}

function keyOf(keys: readonly string[], file: Part): FormKey {
  const [key] = keys
  if (key === undefined) return unreadable('no-key')
  if (keys.length > 1 || key === '' || key.trim() !== key) return unreadable('doubtful-key')
  if (!key.includes(variable)) return { kind: 'key', key }
  if (file.filename === undefined || !/^[^\\/%]+$/.test(file.filename)) return unreadable('doubtful-filename')
  return { kind: 'key', key: key.replaceAll(variable, () => file.filename ?? '') }
}

function unreadable(reason: FormKeyFault): FormKey {
  return { kind: 'unreadable', reason }
}
