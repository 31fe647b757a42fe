import { fileURLToPath } from 'node:url'
import type { Reaper } from '@s3proxy/testkit'
import { type Contender, createContender } from './contender.ts'
import { startAnnouncing } from './start-program.ts'

export interface BareOptions {
  /** Cores it may use. Default: all. */
  readonly cores?: string | undefined
  readonly reaper: Reaper
}

/** Starts a server over `node:net` that only writes prebuilt answers: the bound of what can be done on Node's sockets. */
export async function startBare({ cores, reaper }: BareOptions): Promise<Contender> {
  const args = ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('../bare/main.ts', import.meta.url))]
  const program = await startAnnouncing({ file: process.execPath, args, cores, reaper }, /^listening (\d+)$/m)
  return createContender({ ...program, name: 'bare-net', version: process.version, port: Number(program.announced) })
}
