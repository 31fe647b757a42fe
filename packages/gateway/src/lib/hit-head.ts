import type { Representation } from '@s3proxy/cache-store'
import {
  type ByteRange,
  filterHeaders,
  formatContentRange,
  isChecksumHeader,
  ownText,
  type RawHeaders,
  type ResponseHead,
} from '@s3proxy/protocol'

/** What is ready of the answers from one representation. */
export interface Prepared {
  /** The lines that are the same each time, as they stand on the wire: for parts, and for who did not ask for checksums. */
  plain?: string
  withChecksums?: string
  /** A whole head: see `ReadyHeads`, which bounds how many there are. */
  ready?: ReadyHead | undefined
  /** The date of the answer sent last, and how many heads were made ready on it. */
  sentOn: string
  made: number
}

/** A head as bytes, but for the request id. */
export interface ReadyHead {
  readonly head: HitHead
  readonly date: string
  readonly keepAliveSeconds: number
  readonly bytes: Uint8Array
  /** Where the id belongs. */
  readonly idAt: number
}

/** They live as long as the representation, whose store is told what the lines take ({@link HitHead.preparedBytes}). */
const preparedOf = new WeakMap<Representation, Prepared>()

/**
 * Memory around a text: its own head, the object that refers to it, the place in the map
 * (`node bench/micro/memory-per-entry.ts`).
 */
const stemOverheadBytes = 160

const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const badValue = /[^\t\x20-\x7e\x80-\xff]/

/** What of a hit differs from one answer to the next. */
export interface HitHeadFields {
  readonly wanted: ByteRange
  /** Whether the client asked for a range: 206 and `Content-Range`. */
  readonly partial: boolean
  readonly wantsChecksums: boolean
  readonly requestId: string
  /** Seconds since S3 last confirmed the representation; undefined if it did so just now. */
  readonly ageSeconds: number | undefined
}

const nothing: RawHeaders = []
const idName = 'x-amz-request-id: '

/**
 * The head of an answer from the cache: what is the same each time is ready as text, so that
 * a lane which writes bytes itself need not put fields together. Throws RangeError for fields that must not be sent.
 */
export class HitHead implements ResponseHead {
  readonly status: 200 | 206
  readonly reason = ''
  /** Length of the body, bytes. */
  readonly length: number
  /** Memory that was taken by making this head and stays as long as its representation; 0: it was there. */
  readonly preparedBytes: number
  readonly prepared: Prepared
  readonly #stem: string
  readonly #representation: Representation
  readonly #fields: HitHeadFields
  readonly #answerLines: string | undefined
  #added = nothing

  /** `answerLines`: fields that speak of this answer alone, as they stand on the wire. Default: its request id. */
  constructor(representation: Representation, fields: HitHeadFields, answerLines?: string) {
    const { wanted, partial } = fields
    this.status = partial ? 206 : 200
    this.length = wanted.end - wanted.start
    const form = fields.wantsChecksums && !partial ? 'withChecksums' : 'plain'
    const known = preparedOf.get(representation)
    const stem = known?.[form]
    this.prepared = known === undefined || stem === undefined ? prepare(representation, form) : known
    this.#stem = this.prepared[form] as string
    this.preparedBytes = stem === undefined ? this.#stem.length + stemOverheadBytes : 0
    this.#representation = representation
    this.#fields = fields
    this.#answerLines = answerLines
  }

  get requestId(): string {
    return this.#fields.requestId
  }

  /** Whether the request id is all that says which answer this is. */
  get isItsId(): boolean {
    return this.#answerLines === undefined
  }

  /** Every field but `Date` and those of the connection, each line ended. */
  get text(): string {
    const added = this.#added
    let text = this.textBeforeId + (this.#answerLines ?? `${this.#fields.requestId}\r\n`)
    for (let i = 0; i + 1 < added.length; i += 2) text += `${added[i]}: ${added[i + 1]}\r\n`
    return text
  }

  /** What stands before the id, or before all lines that speak of this answer alone. */
  get textBeforeId(): string {
    const { partial, wanted, ageSeconds } = this.#fields
    const range = partial ? `Content-Range: ${formatContentRange(wanted, this.#representation.size)}\r\n` : ''
    const age = ageSeconds === undefined ? '' : `Age: ${ageSeconds}\r\n`
    const id = this.#answerLines === undefined ? idName : ''
    return `${this.#stem}Content-Length: ${this.length}\r\n${range}${age}${id}`
  }

  /** Whether two heads of one representation, of which only ids are special, differ in nothing else. */
  isLike(other: HitHead): boolean {
    const [a, b] = [this.#fields, other.#fields]
    return (
      this.#stem === other.#stem &&
      this.#added === other.#added &&
      a.partial === b.partial &&
      a.ageSeconds === b.ageSeconds &&
      a.wanted.start === b.wanted.start &&
      a.wanted.end === b.wanted.end
    )
  }

  /** Adds fields of our own making; returns itself. */
  with(fields: RawHeaders): this {
    this.#added = this.#added.length === 0 ? fields : [...this.#added, ...fields]
    return this
  }

  get headers(): RawHeaders {
    const headers: string[] = []
    for (const line of this.text.split('\r\n')) {
      const colon = line.indexOf(': ')
      if (colon !== -1) headers.push(line.slice(0, colon), line.slice(colon + 2))
    }
    return headers
  }
}

function prepare(representation: Representation, form: 'plain' | 'withChecksums'): Prepared {
  const stem = makeStem(representation.headers, form === 'withChecksums')
  const prepared = preparedOf.get(representation) ?? { sentOn: '', made: 0 }
  prepared[form] = stem
  preparedOf.set(representation, prepared)
  return prepared
}

function makeStem(stored: RawHeaders, keepChecksums: boolean): string {
  // A checksum is of the whole object: on a part, SDKs would check the part against it and fail.
  const headers = filterHeaders(stored, (name) => keepChecksums || !isChecksumHeader(name))
  // One text instead of a tree of pieces.
  return ownText(linesOf(headers))
}

/** Fields as they stand on the wire. Throws RangeError for one that must not be sent. */
export function linesOf(headers: RawHeaders): string {
  let text = ''
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (!fieldName.test(headers[i] as string) || badValue.test(headers[i + 1] as string)) {
      throw new RangeError('a field that must not be sent')
    }
    text += `${headers[i]}: ${headers[i + 1]}\r\n`
  }
  return text
}
