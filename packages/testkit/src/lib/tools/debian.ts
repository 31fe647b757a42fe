import { type Progress, withProgress } from '../process/progress.ts'
import { describeFailure, runCommand } from '../process/run-command.ts'

/** Whether packages can be installed here without asking anybody: as root on a system with apt. */
export async function canInstallDebianPackages(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false
  const result = await runCommand('apt-get', ['--version'], { timeoutMs: 10_000 })
  return result.kind === 'exited' && result.code === 0
}

/** Installs Debian packages, after fetching the lists if the first try cannot find them. Undefined if all went well. */
export async function installDebianPackages(
  packages: readonly string[],
  progress: Progress,
): Promise<{ readonly why: string } | undefined> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const waitForLock = ['-o', 'DPkg::Lock::Timeout=300']
  const install = () =>
    withProgress(
      `installing ${packages.join(', ')} with apt-get`,
      runCommand('apt-get', [...waitForLock, 'install', '-y', '--no-install-recommends', ...packages], { env }),
      { progress },
    )
  const first = await install()
  if (first.kind === 'exited' && first.code === 0) return undefined
  await withProgress('fetching package lists', runCommand('apt-get', [...waitForLock, 'update'], { env }), { progress })
  const second = await install()
  if (second.kind === 'exited' && second.code === 0) return undefined
  return { why: describeFailure(`apt-get install ${packages.join(' ')}`, second) }
}
