import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteSource, bufferSource, concatSources, readAll } from './byte-source.ts'
import { ProxyError } from './proxy-error.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** The same source, but every answer has to be waited for. */
function slow(source: ByteSource): ByteSource {
  return { next: async () => source.next(), cancel: (reason) => source.cancel(reason) }
}

function recorder(source: ByteSource) {
  const cancelled: unknown[] = []
  return { source: { next: () => source.next(), cancel: (reason?: unknown) => cancelled.push(reason) }, cancelled }
}

describe('bufferSource', () => {
  it('gives its chunks at once and leaves out empty ones', () => {
    const source = bufferSource(bytes('a'), bytes(''), bytes('b'))
    expect(source.next()).toEqual(bytes('a'))
    expect(source.next()).toEqual(bytes('b'))
    expect(source.next()).toBeNull()
    expect(bufferSource().next()).toBeNull()
  })

  it('gives nothing after cancel', () => {
    const source = bufferSource(bytes('a'), bytes('b'))
    source.next()
    source.cancel()
    source.cancel()
    expect(source.next()).toBeNull()
  })
})

describe('concatSources', () => {
  it('answers at once where its sources do', () => {
    const source = concatSources([bufferSource(), bufferSource(bytes('a')), bufferSource(bytes('b'))])
    expect(source.next()).toEqual(bytes('a'))
    expect(source.next()).toEqual(bytes('b'))
    expect(source.next()).toBeNull()
  })

  it('gives all bytes in order, whether its sources wait or not', async () => {
    const part = fc.record({ text: fc.string({ maxLength: 3 }), waits: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        const sources = parts.map(({ text, waits }) =>
          waits ? slow(bufferSource(bytes(text))) : bufferSource(bytes(text)),
        )
        const expected = bytes(parts.map(({ text }) => text).join(''))
        expect(Buffer.from(await readAll(concatSources(sources), 1000))).toEqual(Buffer.from(expected))
      }),
    )
  })

  it('fails where a source fails, at once or later', async () => {
    const error = new ProxyError('UpstreamTruncated', { source: 'upstream' })
    const throwing: ByteSource = {
      next: () => {
        throw error
      },
      cancel: () => undefined,
    }
    const source = concatSources([bufferSource(bytes('a')), throwing])
    expect(source.next()).toEqual(bytes('a'))
    expect(() => source.next()).toThrow(error)
    await expect(readAll(concatSources([slow(bufferSource()), slow(throwing)]), 10)).rejects.toBe(error)
  })

  it('cancels the source being read and those to come, once', () => {
    const [first, second, third] = [bytes('a'), bytes('b'), bytes('c')].map((chunk) => recorder(bufferSource(chunk)))
    const all = [first, second, third].filter((one) => one !== undefined)
    const source = concatSources(all.map((one) => one.source))
    source.next()
    source.next()
    source.cancel('enough')
    source.cancel('again')
    expect(all.map((one) => one.cancelled)).toEqual([[], ['enough'], ['enough']])
    expect(source.next()).toBeNull()
  })
})

describe('readAll', () => {
  it('joins what comes', async () => {
    expect(Buffer.from(await readAll(bufferSource(bytes('ab'), bytes('c')), 3)).toString()).toBe('abc')
    expect(await readAll(bufferSource(), 0)).toHaveLength(0)
  })

  it('stops the source that gives too much', async () => {
    const { source, cancelled } = recorder(bufferSource(bytes('ab'), bytes('c')))
    await expect(readAll(source, 2)).rejects.toThrow(RangeError)
    expect(cancelled).toHaveLength(1)
  })
})
