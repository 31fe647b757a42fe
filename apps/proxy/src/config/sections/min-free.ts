import type { MinFree } from '@s3proxy/cache-store'
import type { z } from 'zod'
import { codec, size } from '../codecs.ts'
import { malformed, type Reading, read } from '../reading.ts'
import { showValue } from '../show-value.ts'

/** A size of at most `max` bytes, or a share of the volume from `0%` to `90%`. */
export function minFree(max: number): z.ZodType<MinFree> {
  const bytes = size({ min: 0, max })
  return codec((raw): Reading<MinFree> => {
    const [, percent] = (typeof raw === 'string' && /^(\d{1,2}(?:\.\d{1,6})?)%$/.exec(raw.trim())) || []
    if (percent !== undefined && Number(percent) <= 90) return read({ share: Number(percent) / 100 })
    const result = bytes.safeParse(raw)
    return result.success
      ? read({ bytes: result.data })
      : malformed(`${showValue(raw)} is not a size such as 10GiB, nor a share of the volume from 0% to 90%`)
  })
}
