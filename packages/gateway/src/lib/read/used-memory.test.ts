import { createMemoryTier } from '@s3proxy/cache-store/memory'
import { createBroadcast } from '@s3proxy/coordinator'
import { type ByteSource, bufferSource } from '@s3proxy/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const size = 600
const yes = (): boolean => true
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

interface Loan {
  readonly from: ByteSource
  readonly chunk: Uint8Array
  readonly byte: number
}

/** A client: takes chunks, looks at them whenever, and gives them back when it has done, or never. */
interface Client {
  readonly source: ByteSource
  readonly byte: number
}

test('whoever has bytes sees the right ones, however many fills used the memory since', async () => {
  const step = fc.record({
    kind: fc.constantFrom('fill', 'fill', 'take', 'take', 'give', 'give', 'give', 'leave', 'read', 'lookup'),
    pick: fc.nat(50),
  })
  let reused = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
      const memory = createMemoryTier({ maxBytes: 6_000, maxExtentBytes: 4_000, maxFillBytes: 4_000 })
      const clients: Client[] = []
      const loans: Loan[] = []
      const seen = new Set<ArrayBufferLike>()
      let filled = 0
      const fill = async (): Promise<void> => {
        const byte = ++filled % 251
        const representation = { key: `k${filled}`, etag: '"e"', size, headers: [], checksums: false }
        const start = memory.begin(representation, { start: 0, end: size })
        if (start.kind === 'refused') return
        const { writer } = start
        if (seen.has((writer.memory as Buffer).buffer)) reused++
        seen.add((writer.memory as Buffer).buffer)
        // As a store's answer comes: some bytes elsewhere, the rest to their places in the memory of the fill.
        const rest = (writer.memory as Buffer).subarray(100)
        const broadcast = createBroadcast({
          source: bufferSource(Buffer.alloc(100, byte), rest.fill(byte)),
          range: { start: 0, end: size },
          spill: writer,
          lengthError: () => new Error('length'),
          onEnd: async () => void (await writer.commit(1, yes)),
          onUnused: () => writer.giveBack?.(),
        })
        for (let i = 0; i < 2; i++) {
          const source = broadcast.join({ start: 0, end: size })
          if (source !== undefined) clients.push({ source, byte })
        }
        await broadcast.settled
        await turn()
      }
      const take = async ({ source, byte }: Client): Promise<void> => {
        const chunk = await source.next()
        if (chunk !== null) loans.push({ from: source, chunk, byte })
      }
      for (const { kind, pick } of steps) {
        const client = clients[pick % Math.max(1, clients.length)]
        if (kind === 'fill') await fill()
        if (kind === 'take' && client !== undefined) await take(client)
        if (kind === 'leave' && client !== undefined) client.source.cancel()
        if (kind === 'give') {
          const [loan] = loans.splice(pick % Math.max(1, loans.length), 1)
          loan?.from.recycle?.(loan.chunk)
        }
        if (kind === 'read') {
          const number = 1 + (pick % Math.max(1, filled))
          const found = memory.lookup(`k${number}`)
          const extent = found.kind === 'held' ? found.held.extents[0] : undefined
          if (found.kind === 'held' && extent !== undefined) {
            const source = memory.read(found.held, extent, extent)
            loans.push({ from: source, chunk: source.next() as Uint8Array, byte: number % 251 })
          }
        }
        for (const { chunk, byte } of loans) expect(chunk.every((each) => each === byte)).toBe(true)
      }
    }),
    { numRuns: 200, seed: 7 },
  )
  expect(reused).toBeGreaterThan(0)
})
