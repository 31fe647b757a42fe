import type { SumAlgorithm } from '@s3proxy/protocol'
import { expect, it } from 'vitest'
import { createSumDigest } from './sum-digest.ts'

/** The check values of the catalogue of CRC algorithms, and of the RFCs, for `123456789`. */
const expected: Readonly<Record<SumAlgorithm, string>> = {
  crc32: 'cbf43926',
  crc32c: 'e3069283',
  crc64nvme: 'ae8b14860a799888',
  md5: '25f9e794323b453885f5181f1b624d0b',
  sha1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  sha256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
}
const text = Buffer.from('123456789')

it.each(Object.entries(expected))(
  'makes %s of bytes in any pieces, again and again, several at once',
  async (algorithm, hex) => {
    const make = () => createSumDigest(algorithm as SumAlgorithm)
    for (let round = 0; round < 3; round++) {
      const [one, other, unfinished] = await Promise.all([make(), make(), make()])
      unfinished.update(text)
      one.update(text.subarray(0, 4))
      other.update(text)
      one.update(text.subarray(4))
      expect([one.digest(), other.digest()]).toEqual([hex, hex])
    }
  },
)
