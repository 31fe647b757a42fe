import { pathCandidates } from '../path-candidates.ts'
import type { Progress } from '../process/progress.ts'
import { runCommand } from '../process/run-command.ts'
import { canInstallDebianPackages, installDebianPackages } from './debian.ts'
import type { Tool } from './tool.ts'

/** A program that comes with the system or one of its packages. */
export interface SystemTool {
  readonly program: string
  readonly versionArgs: readonly string[]
  /** Finds the version in what the program says; no match means that it is not the one wanted. */
  readonly version: RegExp
  readonly debianPackage: string
  /** What to do where it cannot be installed for the user. */
  readonly advice: string
}

/** AWS CLI v2; version 1 goes by the same name. */
export const awsCli: SystemTool = {
  program: 'aws',
  versionArgs: ['--version'],
  version: /^aws-cli\/(2\.\S+)/,
  debianPackage: 'awscli',
  advice: 'Install AWS CLI version 2 and put it on PATH.',
}

/** rclone, any version that knows `copy`. */
export const rclone: SystemTool = {
  program: 'rclone',
  versionArgs: ['version'],
  version: /^rclone v(\S+)/,
  debianPackage: 'rclone',
  advice: 'Install rclone and put it on PATH.',
}

/** Looks for the tool everywhere on PATH and in the usual places; installs its Debian package where that is possible. */
export async function findSystemTool(tool: SystemTool, progress: Progress): Promise<Tool> {
  const found = await look(tool)
  if (found !== undefined) return found
  if (!(await canInstallDebianPackages())) return { kind: 'missing', why: tool.advice }
  const failure = await installDebianPackages([tool.debianPackage], progress)
  if (failure !== undefined) return { kind: 'missing', why: failure.why }
  const installed = await look(tool)
  return installed ?? { kind: 'missing', why: `The Debian package ${tool.debianPackage} is too old. ${tool.advice}` }
}

async function look({ program, versionArgs, version }: SystemTool): Promise<Tool | undefined> {
  const candidates = new Set([
    ...pathCandidates(program, process.env),
    `/usr/local/bin/${program}`,
    `/usr/bin/${program}`,
  ])
  for (const path of candidates) {
    const result = await runCommand(path, versionArgs, { timeoutMs: 60_000 })
    if (result.kind !== 'exited' || result.code !== 0) continue
    const match = version.exec(`${result.stdout}${result.stderr}`)
    if (match?.[1] !== undefined) return { kind: 'found', path, version: match[1] }
  }
  return undefined
}
