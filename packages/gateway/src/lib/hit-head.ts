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

/** The lines of a hit that are the same each time, as they stand on the wire: made once per representation. */
interface Stems {
  /** For answers with a part of the object, and for who did not ask for checksums. */
  plain?: string
  withChecksums?: string
}

/** They live as long as the representation, whose store is told what they take ({@link HitHead.preparedBytes}). */
const stemsOf = new WeakMap<Representation, Stems>()

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
  /** Seconds since S3 last confirmed the representation; undefined if it did so just now. */
  readonly ageSeconds: number | undefined
}

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
  readonly #stem: string
  #own: string

  /** `answerLines`: fields that speak of this answer alone, as they stand on the wire. */
  constructor(representation: Representation, fields: HitHeadFields, answerLines: string) {
    const { wanted, partial } = fields
    this.status = partial ? 206 : 200
    this.length = wanted.end - wanted.start
    const form = fields.wantsChecksums && !partial ? 'withChecksums' : 'plain'
    const known = stemsOf.get(representation)?.[form]
    this.#stem = known ?? prepare(representation, form)
    this.preparedBytes = known === undefined ? this.#stem.length + stemOverheadBytes : 0
    const range = partial ? `Content-Range: ${formatContentRange(wanted, representation.size)}\r\n` : ''
    const age = fields.ageSeconds === undefined ? '' : `Age: ${fields.ageSeconds}\r\n`
    this.#own = `Content-Length: ${this.length}\r\n${range}${age}${answerLines}`
  }

  /** Every field but `Date` and those of the connection, each line ended. */
  get text(): string {
    return this.#stem + this.#own
  }

  /** Adds fields of our own making; returns itself. */
  with(fields: RawHeaders): this {
    for (let i = 0; i + 1 < fields.length; i += 2) this.#own += `${fields[i]}: ${fields[i + 1]}\r\n`
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

function prepare(representation: Representation, form: keyof Stems): string {
  const stem = makeStem(representation.headers, form === 'withChecksums')
  const stems = stemsOf.get(representation) ?? {}
  stems[form] = stem
  stemsOf.set(representation, stems)
  return stem
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
