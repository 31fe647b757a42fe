import { type ByteSource, concatSources } from '@s3proxy/protocol'
import { expect, it } from 'vitest'
import type { Answer } from '../answer.ts'
import type { Parts } from '../parts.ts'
import type { ReadContext } from './read.ts'
import { revalidateBehind } from './revalidate-behind.ts'
import type { View } from './view.ts'

it('lets go of everything behind an answer that breaks', async () => {
  let isOpen = true
  const broken: ByteSource = { next: () => Promise.reject(new Error('reset')), cancel: () => undefined }
  const opened: ByteSource = {
    next: () => null,
    cancel() {
      isOpen = false
    },
  }
  const answer: Answer = {
    kind: 'response',
    head: { status: 200, reason: 'OK', headers: [] },
    body: concatSources([broken, opened]),
    cache: { kind: 'partial', stored: true },
    objectSize: 2,
    bytesFromCache: 1,
  }
  const revalidating = new Map<string, Promise<void>>()
  const context = { read: { key: 'k' }, exchange: {} } as unknown as ReadContext
  revalidateBehind({ revalidating } as unknown as Parts, context, {} as View, async () => answer)
  await revalidating.get('k')
  expect(isOpen).toBe(false)
})
