/**
 * Header fields as they stood on the wire: a flat list of alternating names and values, order, case and duplicates
 * kept, each byte one latin-1 code unit. The same form as Node's `rawHeaders`, so nothing is copied at the edges.
 * Signed bytes survive only in this form (SigV4 signs the values as sent).
 */
export type RawHeaders = readonly string[]

/** The head of a request as the client sent it. */
export interface RequestHead {
  /** The method, in the case it was sent. */
  readonly method: string
  /** The request target, byte for byte: origin-form, absolute-form or authority-form (RFC 9112 section 3.2). */
  readonly target: string
  readonly headers: RawHeaders
}

/** The head of a response. */
export interface ResponseHead {
  /** 100 to 599. */
  readonly status: number
  /** The reason phrase; empty means the standard one. */
  readonly reason: string
  readonly headers: RawHeaders
}
