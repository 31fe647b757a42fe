import type { Io } from './io.ts'

/** An {@link Io} that keeps what is written, for tests. */
export interface CapturedIo extends Io {
  readonly out: string
  readonly err: string
}

/** Makes a {@link CapturedIo}; the environment holds only `HOME` and what is given. */
export function captureIo(options: { readonly cwd?: string; readonly env?: Io['env'] } = {}): CapturedIo {
  const written = { out: '', err: '' }
  const sink = (name: 'out' | 'err') => (text: string) => {
    written[name] += text
  }
  return {
    stdout: { write: sink('out') },
    stderr: { write: sink('err'), isTTY: false },
    env: { HOME: '/home/u', ...options.env },
    cwd: options.cwd ?? '/work',
    get out() {
      return written.out
    },
    get err() {
      return written.err
    },
  }
}
