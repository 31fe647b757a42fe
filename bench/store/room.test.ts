import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { requireRoom } from './room.ts'

describe('requireRoom', () => {
  it('refuses a volume without the bytes or the inodes, and says what to do', async () => {
    await expect(requireRoom(tmpdir(), { bytes: 2 ** 60, inodes: 1 })).rejects.toThrow(/GiB should be free .* TMPDIR/)
    await expect(requireRoom(tmpdir(), { bytes: 1, inodes: 1 })).resolves.toBeUndefined()
  })
})
