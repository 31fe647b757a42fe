import { type ChildProcess, fork } from 'node:child_process'
import type { Reaper } from '@s3proxy/testkit'

/** A process of our own that answers questions, one at a time: an origin, a crowd of clients. */
export interface Helper<Q, A> {
  readonly pid: number
  /** Sends a question and resolves with its answer. Rejects when the process ends first. */
  ask(question: Q): Promise<A>
  /** Lets it end. */
  close(): void
}

type Reply =
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly message: string }

/** Starts the module `file` as a helper; it must call {@link answerQuestions}. It ends with us. */
export function startHelper<Q, A>(file: URL, reaper: Reaper): Helper<Q, A> {
  const child = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  reaper.adopt(child)
  if (child.pid === undefined) throw new Error(`${file.pathname} could not be started`)
  return { pid: child.pid, ask: (question) => ask(child, question), close: () => child.disconnect() }
}

function ask<A>(child: ChildProcess, question: unknown): Promise<A> {
  return new Promise((resolve, reject) => {
    const onMessage = (reply: Reply): void => {
      child.off('exit', onExit)
      if (reply.kind === 'answer') resolve(reply.answer as A)
      else reject(new Error(reply.message))
    }
    const onExit = (code: number | null): void => {
      child.off('message', onMessage)
      reject(new Error(`a helper process ended with ${code ?? 'a signal'}`))
    }
    child.once('message', onMessage)
    child.once('exit', onExit)
    child.send(question as object)
  })
}

/** The helper's side: answers each question of the process that started it, and ends with it. */
export function answerQuestions<Q, A>(answer: (question: Q) => Promise<A>): void {
  process.on('message', (question) => {
    answer(question as Q).then(
      (result) => process.send?.({ kind: 'answer', answer: result } satisfies Reply),
      (error: unknown) => process.send?.({ kind: 'failed', message: String(error) } satisfies Reply),
    )
  })
  process.on('disconnect', () => process.exit(0))
}
