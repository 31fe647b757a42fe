import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeFailure, runCommand } from '@s3proxy/testkit'

const here = fileURLToPath(new URL('../..', import.meta.url))

/** A commit in a folder of its own, with its dependencies; `remove` takes it away again. */
export interface Checkout {
  readonly commit: string
  readonly path: string
  remove(): Promise<void>
}

/** Checks out `revision` below `directory`. Throws if there is no such commit or its dependencies cannot be had. */
export async function checkOut(revision: string, directory: string): Promise<Checkout> {
  const commit = (await run('git', ['rev-parse', '--short', '--verify', `${revision}^{commit}`], here)).trim()
  const path = join(directory, `checkout-${commit}`)
  await run('git', ['worktree', 'add', '--detach', path, commit], here)
  await run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--silent'], path)
  return {
    commit,
    path,
    async remove() {
      await run('git', ['worktree', 'remove', '--force', path], here)
    },
  }
}

async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const result = await runCommand(program, args, { cwd, timeoutMs: 300_000 })
  if (result.kind !== 'exited' || result.code !== 0) throw new Error(describeFailure(`${program} ${args[0]}`, result))
  return result.stdout
}
