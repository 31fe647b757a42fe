import type { z } from 'zod'
import { codec, duration, flag, oneOf, size, zeroOr } from '../codecs.ts'
import { malformed, read } from '../reading.ts'
import { showValue } from '../show-value.ts'

/** A hundred years: longer than any cache lives. */
const time = duration({ min: 0, max: 100 * 365 * 24 * 3_600_000 })

/** What may be set for all objects in `cache` and for some in a rule, in one place so that both read the same. */
export const readSettings = {
  authorization: oneOf(['s3', 'network'], ['verify']),
  presignedMemo: time,
  getTtl: time,
  headTtl: time,
  staleIfError: time,
  staleWhileRevalidate: time,
  negativeTtl: time,
  honourCacheControl: flag(),
  pageSize: zeroOr(powerOfTwo(size({ min: 64 * 1024, max: 64 * 1024 * 1024 }))),
} as const

function powerOfTwo(schema: z.ZodType<number>): z.ZodType<number> {
  return codec((raw) => {
    const result = schema.safeParse(raw)
    if (!result.success) return malformed(String(result.error.issues[0]?.message))
    return Number.isInteger(Math.log2(result.data))
      ? read(result.data)
      : malformed(`${showValue(raw)} is not a power of two`)
  })
}
