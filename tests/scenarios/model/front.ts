import type { RawHeaders } from '@s3proxy/protocol'
import type { ModelRequest } from './requests.ts'

/** What a client got. */
export interface ReceivedAnswer {
  readonly status: number
  readonly headers: RawHeaders
  readonly body: Buffer
}

/** How a request ended for its client. */
export type Outcome =
  /** An answer that ended by its own framing. */
  | { readonly kind: 'complete'; readonly answer: ReceivedAnswer }
  /** The connection broke; `answer` is what had come. */
  | { readonly kind: 'broken'; readonly answer: ReceivedAnswer | undefined }
  /** The client left of its own accord. */
  | { readonly kind: 'left'; readonly answer: ReceivedAnswer | undefined }

/** How a client behaves in one request. */
export interface Manners {
  /** Leaves at this moment; `body`: after this part of the answer's announced length. */
  readonly leaves: 'never' | 'uploading' | 'waiting' | { readonly afterPart: number }
  /** Probability of a pause before more is read or sent. */
  readonly slowness: number
}

/** How clients reach the gateway. */
export interface Front {
  /** A client of its own, which sends one request after the other. */
  connect(name: string): FrontClient
  /** What must never be, seen at the front. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/** One client. */
export interface FrontClient {
  send(request: ModelRequest, manners: Manners): Promise<Outcome>
  close(): void
}
