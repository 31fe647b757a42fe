import { randomBytes } from 'node:crypto'
import { crc32, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { packFrame, unpackFrame } from './frame-codec.ts'

describe('a frame', () => {
  it('comes back as it was, compressed or not', async () => {
    for (const raw of [Buffer.alloc(100_000, 'abc'), randomBytes(1000), Buffer.from('x')]) {
      const { bytes, checksum } = await packFrame(raw)
      expect(bytes.length).toBeLessThanOrEqual(raw.length)
      expect(raw.equals(await unpackFrame(Buffer.from(bytes), raw.length, checksum))).toBe(true)
    }
  })

  it('that is not what it was is corrupt', async () => {
    const raw = Buffer.alloc(100_000, 'abc')
    const { bytes, checksum } = await packFrame(raw)
    const changed = Buffer.from(bytes)
    changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1
    const corrupt = { source: 'store', reason: 'corrupt' }
    await expect(unpackFrame(changed, raw.length, checksum)).rejects.toMatchObject(corrupt)
    await expect(unpackFrame(Buffer.from(bytes), raw.length, checksum ^ 1)).rejects.toMatchObject(corrupt)
    await expect(unpackFrame(Buffer.from(bytes), raw.length - 1, checksum)).rejects.toMatchObject(corrupt)
  })

  it('cannot grow beyond its length', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(64 << 20))
    await expect(unpackFrame(bomb, 256 << 10, crc32(Buffer.alloc(0)))).rejects.toMatchObject({ reason: 'corrupt' })
  })
})
