import type { ByteSource } from '@s3proxy/protocol'
import { describe, expect, it } from 'vitest'
import type { Answer } from './answer.ts'
import { deliver } from './deliver.ts'
import type { Responder } from './exchange.ts'

/** A connection that finishes with a chunk when the test says so. */
function createConnection() {
  const flushed: ((() => void) | undefined)[] = []
  const responder: Responder = {
    gone: false,
    started: false,
    bytesSent: 0,
    onGone: () => () => undefined,
    informational: () => undefined,
    head: () => undefined,
    write: (_chunk, onFlushed) => void flushed.push(onFlushed),
    end: () => undefined,
    destroy: () => undefined,
  }
  return { responder, flushed }
}

function answerOf(body: ByteSource): Answer & { readonly kind: 'response' } {
  const head = { status: 200, reason: '', headers: [] }
  return { kind: 'response', head, body, cache: { kind: 'hit' }, objectSize: undefined, bytesFromCache: 0 }
}

describe('a body that uses its memory again', () => {
  it('gets each chunk back when the connection has finished with it, and not before', async () => {
    const chunks = [Buffer.from('a'), Buffer.from('b')]
    const back: Uint8Array[] = []
    let next = 0
    const body: ByteSource = {
      next: () => chunks[next++] ?? null,
      cancel: () => undefined,
      recycle: (chunk) => void back.push(chunk),
    }
    const { responder, flushed } = createConnection()
    expect(await deliver(responder, answerOf(body), false)).toEqual({ kind: 'complete' })
    expect(back).toEqual([])
    flushed[1]?.()
    expect(back).toEqual([chunks[1]])
    flushed[0]?.()
    expect(back).toEqual([chunks[1], chunks[0]])
  })

  it('is asked for nothing if it does not', async () => {
    const chunks = [Buffer.from('a')]
    const { responder, flushed } = createConnection()
    await deliver(responder, answerOf({ next: () => chunks.pop() ?? null, cancel: () => undefined }), false)
    expect(flushed).toEqual([undefined])
  })
})
