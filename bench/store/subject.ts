import { answerQuestions } from '../lib/helper.ts'
import type { Rate } from '../lib/rate.ts'
import { type EvictionQuestion, measureEvictions } from './evictions.ts'
import { type LookupQuestion, measureLookups } from './lookups.ts'
import { type MemoryQuestion, type MemoryReport, measureMemory } from './memory.ts'
import { openStore } from './open.ts'
import { measureReads, type ReadQuestion } from './reads.ts'
import { smallKey } from './small-objects.ts'

/** Opens the directory and looks one object up. */
export interface OpenQuestion {
  readonly kind: 'open'
  readonly directory: string
}

/** What a fresh process is asked to do, once. */
export type Question = OpenQuestion | MemoryQuestion | LookupQuestion | EvictionQuestion | ReadQuestion

export type Answer<Q extends Question> = Q extends OpenQuestion
  ? {
      readonly openMs: number
      /** Milliseconds since the epoch. */
      readonly readyAt: number
    }
  : Q extends MemoryQuestion
    ? MemoryReport
    : Rate

async function measureOpen({ directory }: OpenQuestion): Promise<Answer<OpenQuestion>> {
  const begun = performance.now()
  const store = await openStore({ directory })
  const found = await store.lookup(smallKey(0))
  const [openMs, readyAt] = [performance.now() - begun, Date.now()]
  if (found.kind !== 'held') throw new Error('the first object is missing')
  await store.close()
  return { openMs, readyAt }
}

answerQuestions<Question, Answer<Question>>(async (question) => {
  switch (question.kind) {
    case 'open':
      return await measureOpen(question)
    case 'memory':
      return await measureMemory(question)
    case 'lookups':
      return await measureLookups(question)
    case 'evictions':
      return await measureEvictions(question)
    case 'reads':
      return await measureReads(question)
  }
})
