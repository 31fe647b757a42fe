import { type FieldName, FieldNames, isSame, maxRememberedBytes } from './field-names.ts'

/** A request's head, read strictly. */
export interface FastHead {
  readonly method: 'GET' | 'HEAD'
  /** Byte for byte: a path, or an absolute URL whose host is that of `Host`. */
  readonly target: string
  /** As sent, white space around values taken off; alternating names and values. */
  readonly headers: string[]
  /** Where the next request begins. */
  readonly end: number
  /** The client will not send another request (`Connection: close`). */
  readonly close: boolean
}

/** Bounds of a head. */
export interface HeadLimits {
  readonly maxHeadBytes: number
  readonly maxHeaderFields: number
}

/**
 * `incomplete`: nothing is wrong so far, but the end has not come. `unclear`: not of the strict subset, which does not
 * mean that it is no request: somebody else is to read it.
 */
export type ParsedHead = FastHead | 'incomplete' | 'unclear'

const tokenByte = 1
const targetByte = 4
const hostByte = 8
/** What each byte may be part of: names (RFC 9110 section 5.6.2), targets (RFC 3986), hosts. */
const classes = new Uint8Array(256)
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
for (const character of `${letters}!#$%&'*+-.^_\`|~`) mark(character, tokenByte)
for (const character of `${letters}-._~%!$&'()*+,;=:@/?`) mark(character, targetByte)
for (const character of `${letters}-._:[]`) mark(character, hostByte)

function mark(character: string, member: number): void {
  const byte = character.charCodeAt(0)
  classes[byte] = at(classes, byte) | member
}

const keepAlive = lower('keep-alive')
const close = lower('close')
const version = Buffer.from(' HTTP/1.1\r\n', 'latin1')
const scheme = Buffer.from('http://', 'latin1')

const cr = 0x0d
const lf = 0x0a
const space = 0x20
const tab = 0x09
const colon = 0x3a
const slash = 0x2f

/** Names of the head being read, beyond it those of heads before, and starts and ends of their values; they grow to the limit on fields. */
const found: FieldName[] = []
/** One of them is longer than what is remembered: they are forgotten before the next head. */
let hasLongName = false
let marks = new Int32Array(2 * 64)
const fieldNames = new FieldNames()

/**
 * Reads the head of a GET or HEAD without a body that begins at `start`; bytes from `end` on do not count. One pass, and
 * nothing is made before the whole head was seen. Whatever it accepts, llhttp accepts with the same meaning.
 */
export function parseHead(bytes: Buffer, start: number, end: number, limits: HeadLimits): ParsedHead {
  const last = Math.min(end, start + limits.maxHeadBytes)
  const more: ParsedHead = last < end ? 'unclear' : last - start >= limits.maxHeadBytes ? 'unclear' : 'incomplete'

  if (hasLongName) {
    found.length = 0
    hasLongName = false
  }
  const methodEnd = readMethod(bytes, start, last)
  if (methodEnd <= 0) return methodEnd === 0 ? more : 'unclear'
  const targetStart = methodEnd + 1
  let position = targetStart
  while (position < last && (at(classes, at(bytes, position)) & targetByte) !== 0) position++
  const targetEnd = position
  if (targetEnd - targetStart === 0 && position < last) return 'unclear'
  for (let i = 0; i < version.length; i++, position++) {
    if (position >= last) return more
    if (at(bytes, position) !== at(version, i)) return 'unclear'
  }

  let fields = 0
  let hostStart = -1
  let hostEnd = -1
  let isLast = false
  let hasConnection = false
  let hasLength = false
  for (;;) {
    if (position >= last) return more
    if (at(bytes, position) === cr) {
      if (position + 1 >= last) return more
      if (at(bytes, position + 1) !== lf) return 'unclear'
      position += 2
      break
    }
    // Whoever asks mostly sends the same names in the same order as the one before.
    let name = found[fields]
    if (name !== undefined && isAt(bytes, position, last, name.bytes)) position += name.bytes.length
    else {
      const nameStart = position
      let hash = 0
      for (let byte = 0; position < last; position++) {
        byte = at(bytes, position)
        if ((at(classes, byte) & tokenByte) === 0) break
        hash = (Math.imul(hash, 31) + byte) | 0
      }
      if (position >= last) return more
      if (position === nameStart || at(bytes, position) !== colon) return 'unclear'
      name = fieldNames.find(bytes, nameStart, position, hash)
    }
    position++
    while (position < last && isBlank(at(bytes, position))) position++
    const valueStart = position
    while (position < last && isValue(at(bytes, position))) position++
    let valueEnd = position
    if (position + 1 >= last) return position < last && at(bytes, position) !== cr ? 'unclear' : more
    if (at(bytes, position) !== cr || at(bytes, position + 1) !== lf) return 'unclear'
    position += 2
    while (valueEnd > valueStart && isBlank(at(bytes, valueEnd - 1))) valueEnd--

    switch (name.role) {
      case 'host':
        if (hostStart !== -1 || !isHost(bytes, valueStart, valueEnd)) return 'unclear'
        hostStart = valueStart
        hostEnd = valueEnd
        break
      case 'connection':
        if (hasConnection) return 'unclear'
        hasConnection = true
        isLast = matches(bytes, valueStart, valueEnd, close)
        if (!isLast && !matches(bytes, valueStart, valueEnd, keepAlive)) return 'unclear'
        break
      case 'proxy-connection':
        if (!matches(bytes, valueStart, valueEnd, keepAlive)) return 'unclear'
        break
      case 'content-length':
        // Some clients send a length of zero with a read: that is no body.
        if (hasLength || valueEnd - valueStart !== 1 || at(bytes, valueStart) !== 0x30) return 'unclear'
        hasLength = true
        break
      case 'unwelcome':
        return 'unclear'
      case 'other':
        break
    }
    if (fields >= limits.maxHeaderFields) return 'unclear'
    if (fields * 2 >= marks.length) marks = grown(marks)
    found[fields] = name
    if (name.bytes.length > maxRememberedBytes) hasLongName = true
    marks[fields * 2] = valueStart
    marks[fields * 2 + 1] = valueEnd
    fields++
  }
  if (hostStart === -1) return 'unclear'
  if (at(bytes, targetStart) !== slash && !namesHost(bytes, targetStart, targetEnd, hostStart, hostEnd))
    return 'unclear'

  const text = bytes.toString('latin1', start, position)
  // Of its length at once: one that grows is copied on its way.
  const headers = new Array<string>(fields * 2)
  for (let i = 0; i < fields * 2; i += 2) {
    headers[i] = (found[i >> 1] as FieldName).text
    headers[i + 1] = text.slice((marks[i] as number) - start, (marks[i + 1] as number) - start)
  }
  return {
    method: methodEnd - start === 3 ? 'GET' : 'HEAD',
    target: text.slice(targetStart - start, targetEnd - start),
    headers,
    end: position,
    close: isLast,
  }
}

/** Where the method ends: at a space. 0: it may still become one of ours; -1: it is none. */
function readMethod(bytes: Buffer, start: number, last: number): number {
  const word = at(bytes, start) === 0x47 ? 'GET ' : 'HEAD '
  for (let i = 0; i < word.length; i++) {
    if (start + i >= last) return 0
    if (at(bytes, start + i) !== word.charCodeAt(i)) return -1
  }
  return start + word.length - 1
}

/** Whether a field of that name begins at `start`: the name and its colon. */
function isAt(bytes: Buffer, start: number, last: number, name: Uint8Array): boolean {
  const end = start + name.length
  return end < last && at(bytes, end) === colon && isSame(name, bytes, start, end)
}

/** What a value may hold (RFC 9110 section 5.5): compared rather than looked up, since there are hundreds in a head. */
function isValue(byte: number): boolean {
  return byte >= 0x20 ? byte !== 0x7f : byte === tab
}

function isBlank(byte: number): boolean {
  return byte === space || byte === tab
}

function isHost(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((at(classes, at(bytes, i)) & hostByte) === 0) return false
  return end > start
}

/** Whether the target is `http://` and exactly the host of the Host field, then a path. */
function namesHost(bytes: Buffer, start: number, end: number, hostStart: number, hostEnd: number): boolean {
  const length = hostEnd - hostStart
  if (end - start <= scheme.length + length || at(bytes, start + scheme.length + length) !== slash) return false
  for (let i = 0; i < scheme.length; i++) if (at(bytes, start + i) !== at(scheme, i)) return false
  for (let i = 0; i < length; i++) {
    if (at(bytes, start + scheme.length + i) !== at(bytes, hostStart + i)) return false
  }
  return true
}

/** Whether the bytes are `word`, letters in any case. `word` is letters and dashes. */
function matches(bytes: Buffer, start: number, end: number, word: Uint8Array): boolean {
  if (end - start !== word.length) return false
  for (let i = 0; i < word.length; i++) {
    const byte = at(bytes, start + i)
    if ((byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte) !== at(word, i)) return false
  }
  return true
}

function grown(full: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(full.length * 2)
  larger.set(full)
  return larger
}

function lower(word: string): Uint8Array {
  return Buffer.from(word, 'latin1')
}

/** An element that is known to be there. */
function at(bytes: Uint8Array, index: number): number {
  return bytes[index] as number
}
