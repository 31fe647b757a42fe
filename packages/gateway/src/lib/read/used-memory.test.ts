import { createMemoryTier, createTieredStore, openDiskTier } from '@s3proxy/cache-store'
import { createBroadcast } from '@s3proxy/coordinator'
import { type ByteSource, bufferSource } from '@s3proxy/protocol'
import { createTempDir } from '@s3proxy/testkit'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'

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

/** A body of `byte` in pieces, each of which is overwritten as soon as it is given back. */
function reusing(byte: number, sizes: readonly number[]): ByteSource & { readonly back: () => number } {
  const lent = new Set<Uint8Array>()
  const left = [...sizes]
  let back = 0
  return {
    async next() {
      const bytes = left.shift()
      if (bytes === undefined) return null
      await turn()
      const piece = Buffer.alloc(bytes, byte)
      lent.add(piece)
      return piece
    },
    cancel: () => undefined,
    recycle(piece) {
      if (!lent.delete(piece)) throw new Error('given back twice, or not from here')
      piece.fill(255)
      back++
    },
    back: () => back,
  }
}

const isAll = (chunk: Uint8Array, byte: number): boolean => chunk.every((one) => one === byte)

test('a piece goes back to its store only when neither disk, memory nor any reader looks at it', async () => {
  const dir = await createTempDir()
  onTestFinished(() => dir.remove())
  const opening = await openDiskTier({ directory: dir.path, maxBytes: 64 << 20, bootedAt: () => 0 })
  if (opening.kind === 'refused') throw new Error(opening.message)
  const memory = createMemoryTier({ maxBytes: 1 << 20, maxExtentBytes: 150_000 })
  const store = createTieredStore({ memory, disk: opening.store })
  onTestFinished(() => store.close())
  let fills = 0
  let backAll = 0
  const piece = fc.constantFrom(1_000, 9_000, 40_000, 70_000)
  const plan = fc.record({ lag: fc.nat(4), givesBack: fc.boolean(), most: fc.integer({ min: 4, max: 16 }) })
  const pieces = fc.array(piece, { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(pieces, fc.array(plan, { minLength: 1, maxLength: 3 }), async (sizes, plans) => {
      const size = sizes.reduce((sum, each) => sum + each, 0)
      const byte = 1 + (++fills % 250)
      const representation = { key: `o${fills}`, etag: '"e"', size, headers: [], checksums: false }
      const range = { start: 0, end: size }
      const start = store.begin(representation, range)
      const writer = start.kind === 'writer' ? start.writer : undefined
      const source = reusing(byte, sizes)
      const broadcast = createBroadcast({
        source,
        range,
        spill: writer,
        windowBytes: 30_000,
        lengthError: () => new Error('length'),
        onEnd: async () => void (await writer?.commit(1, yes)),
        onUnused: () => writer?.giveBack?.(),
      })
      const read = async ({ lag, givesBack, most }: (typeof plans)[number]): Promise<void> => {
        const reader = broadcast.join(range)
        if (reader === undefined) throw new Error('it can be joined')
        const held: Uint8Array[] = []
        for (let taken = 0; taken < most; taken++) {
          for (let i = 0; i < lag; i++) await turn()
          const chunk = await reader.next()
          if (chunk === null) break
          held.push(chunk)
          expect(held.every((each) => isAll(each, byte))).toBe(true)
          if (givesBack && held.length > 1) reader.recycle?.(held.shift() as Uint8Array)
        }
        reader.cancel()
        for (let i = 0; i < 3; i++) await turn()
        expect(held.every((each) => isAll(each, byte))).toBe(true)
        if (givesBack) for (const each of held) reader.recycle?.(each)
      }
      await Promise.all([...plans.map(read), broadcast.settled])
      const found = await store.lookup(representation.key)
      if (found.kind === 'held') {
        for (const extent of found.held.extents) {
          const stored = await store.read(found.held, extent, extent)
          for (let chunk = await stored.next(); chunk !== null; chunk = await stored.next()) {
            expect(isAll(chunk, byte)).toBe(true)
          }
        }
      }
      backAll += source.back()
    }),
    { numRuns: 60, seed: 11 },
  )
  expect(backAll).toBeGreaterThan(50)
})
