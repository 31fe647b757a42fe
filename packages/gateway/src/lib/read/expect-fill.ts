import type { Representation } from '@s3proxy/cache-store'
import type { Expectation } from '@s3proxy/coordinator'
import type { ByteRange } from '@s3proxy/protocol'
import type { Parts } from '../parts.ts'
import type { ReadContext } from './read.ts'

/** Announces what is being asked for (undefined: not known yet where): under the context's claim, if others share it. */
export function expectFill(
  parts: Parts,
  { claim, read }: ReadContext,
  range: ByteRange | undefined,
): Expectation<Representation> {
  return (claim ?? parts.flights).expect(read.key, range)
}
