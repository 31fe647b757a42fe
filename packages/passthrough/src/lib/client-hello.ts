/** What is known of the start of a connection. All but `need-more` are final. */
export type ClientHello =
  | { readonly kind: 'need-more' }
  /** The name is lower-case, with neither port nor trailing dot, and never an IP literal. */
  | { readonly kind: 'server-name'; readonly name: string }
  | { readonly kind: 'no-server-name' }
  | { readonly kind: 'not-tls' }
  | { readonly kind: 'malformed'; readonly reason: string }

/** Reads the start of a connection as it comes. */
export interface ClientHelloParser {
  /** Takes the next bytes, which it does not keep; after a final outcome they are ignored and that outcome is repeated. */
  push(chunk: Uint8Array): ClientHello
}

/** What {@link createClientHelloParser} can be told. */
export interface ClientHelloOptions {
  /** Bytes read at most, records' own headers included. Default 64 KiB: hellos with post-quantum keys exceed 2 KiB. */
  readonly maxBytes?: number
}

const recordHeaderBytes = 5
/** RFC 8446 section 5.1. */
const maxFragmentBytes = 16_384
const handshakeRecord = 22
const clientHelloMessage = 1
const needMore: ClientHello = { kind: 'need-more' }

/**
 * Finds the server name in a TLS ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3), however it is cut into records
 * and segments. Works in time proportional to the bytes, and understands any TLS version and unknown extensions.
 */
export function createClientHelloParser({ maxBytes = 65_536 }: ClientHelloOptions = {}): ClientHelloParser {
  const header = Buffer.alloc(recordHeaderBytes)
  let headerBytes = 0
  let fragmentBytesLeft = 0
  let takenBytes = 0
  /** The handshake message, its 4-byte header included, without record headers. */
  let message = Buffer.alloc(1_024)
  let messageBytes = 0
  let outcome: ClientHello = needMore

  const keep = (bytes: Uint8Array): void => {
    if (messageBytes + bytes.length > message.length) {
      const larger = Buffer.alloc(Math.max(message.length * 2, messageBytes + bytes.length))
      message.copy(larger, 0, 0, messageBytes)
      message = larger
    }
    message.set(bytes, messageBytes)
    messageBytes += bytes.length
  }
  const takeHeaderByte = (byte: number): ClientHello => {
    header[headerBytes++] = byte
    const isFirst = messageBytes === 0
    if (headerBytes === 1 && byte !== handshakeRecord) {
      return isFirst ? { kind: 'not-tls' } : malformed('another record stands inside the hello')
    }
    if (headerBytes === 2 && byte !== 3) return isFirst ? { kind: 'not-tls' } : malformed('the record version changes')
    if (headerBytes < recordHeaderBytes) return needMore
    fragmentBytesLeft = header.readUInt16BE(3)
    headerBytes = 0
    if (fragmentBytesLeft === 0 || fragmentBytesLeft > maxFragmentBytes) return malformed('a record has a wrong length')
    return needMore
  }
  const readMessage = (): ClientHello => {
    if (messageBytes >= 1 && message[0] !== clientHelloMessage) return malformed('the first message is no ClientHello')
    if (messageBytes < 4) return needMore
    const length = 4 + message.readUIntBE(1, 3)
    if (length > maxBytes) return malformed('the hello is too large')
    return messageBytes < length ? needMore : readServerName(message.subarray(4, length))
  }
  const take = (chunk: Uint8Array): ClientHello => {
    let at = 0
    while (at < chunk.length) {
      if (fragmentBytesLeft === 0) {
        const result = takeHeaderByte(chunk[at++] as number)
        if (result.kind !== 'need-more') return result
        continue
      }
      const end = Math.min(chunk.length, at + fragmentBytesLeft)
      keep(chunk.subarray(at, end))
      fragmentBytesLeft -= end - at
      at = end
      const result = readMessage()
      if (result.kind !== 'need-more') return result
    }
    return needMore
  }

  return {
    push(chunk) {
      if (outcome.kind !== 'need-more') return outcome
      outcome = take(chunk.subarray(0, maxBytes - takenBytes))
      takenBytes += chunk.length
      if (outcome.kind === 'need-more' && takenBytes >= maxBytes) outcome = malformed('the hello is too large')
      return outcome
    },
  }
}

/** Reads the body of a ClientHello, of which every byte is there. */
function readServerName(body: Buffer): ClientHello {
  const cursor = createCursor(body)
  cursor.skip(2 + 32) // legacy_version, random
  cursor.vector(1, 32) // legacy_session_id
  const suites = cursor.vector(2, 65_534)
  if (suites.length === 0 || suites.length % 2 !== 0) return malformed('the cipher suites have a wrong length')
  if (cursor.vector(1, 255).length === 0) return malformed('there is no compression method')
  if (cursor.isBroken()) return malformed('the hello is cut off')
  if (cursor.isAtEnd()) return { kind: 'no-server-name' }
  const extensions = createCursor(cursor.vector(2, 65_535))
  if (cursor.isBroken() || !cursor.isAtEnd()) return malformed('the extensions have a wrong length')

  let found: ClientHello = { kind: 'no-server-name' }
  while (!extensions.isAtEnd()) {
    const type = extensions.number(2)
    const data = extensions.vector(2, 65_535)
    if (extensions.isBroken()) return malformed('an extension is cut off')
    if (type !== 0) continue
    if (found.kind === 'server-name') return malformed('there are two server names')
    found = readNameList(data)
    if (found.kind !== 'server-name') return found
  }
  return found
}

/** The `ServerNameList` of RFC 6066; only names of type host_name exist. */
function readNameList(data: Buffer): ClientHello {
  const outer = createCursor(data)
  const list = createCursor(outer.vector(2, 65_535))
  if (outer.isBroken() || !outer.isAtEnd() || list.isAtEnd())
    return malformed('the server name list has a wrong length')
  const type = list.number(1)
  const name = list.vector(2, 65_535).toString('latin1').toLowerCase()
  if (list.isBroken()) return malformed('the server name is cut off')
  if (type !== 0 || !list.isAtEnd()) return malformed('there are names of other types')
  if (!isHostName(name)) return malformed('the server name is no host name')
  return { kind: 'server-name', name }
}

const hostName = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*$/
const onlyDigitsAndDots = /^[0-9.]+$/

function isHostName(name: string): boolean {
  return hostName.test(name) && !onlyDigitsAndDots.test(name)
}

interface Cursor {
  skip(bytes: number): void
  number(bytes: number): number
  /** A run of bytes after its length, which is `lengthBytes` wide and at most `maxBytes`. */
  vector(lengthBytes: number, maxBytes: number): Buffer
  isAtEnd(): boolean
  /** Whether more was asked for than there is; whatever was read since is void. */
  isBroken(): boolean
}

function createCursor(bytes: Buffer): Cursor {
  let at = 0
  let broken = false
  const has = (count: number): boolean => {
    if (at + count > bytes.length) broken = true
    return !broken
  }
  const number = (width: number): number => {
    if (!has(width)) return 0
    at += width
    return bytes.readUIntBE(at - width, width)
  }
  return {
    skip(count) {
      if (has(count)) at += count
    },
    number,
    vector(lengthBytes, maxBytes) {
      const length = number(lengthBytes)
      if (length > maxBytes) broken = true
      if (!has(length)) return Buffer.alloc(0)
      at += length
      return bytes.subarray(at - length, at)
    },
    isAtEnd: () => at >= bytes.length || broken,
    isBroken: () => broken,
  }
}

function malformed(reason: string): ClientHello {
  return { kind: 'malformed', reason }
}
