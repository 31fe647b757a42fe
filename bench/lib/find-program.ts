import { type Progress, runCommand, withProgress } from '@s3proxy/testkit'

/** A program that a benchmark compares with or drives. */
export interface Program {
  readonly name: string
  readonly versionArgs: readonly string[]
  /** Finds the version in what it says; the exit code does not matter. */
  readonly version: RegExp
  /** Package of Debian and its relatives. */
  readonly debianPackage: string
}

/** Where a program is, or why it is not to be had. */
export type FoundProgram =
  | { readonly kind: 'found'; readonly path: string; readonly version: string }
  | { readonly kind: 'missing'; readonly why: string }

/** nginx as distributions build it, with `proxy_cache` and `slice`. */
export const nginx: Program = {
  name: 'nginx',
  versionArgs: ['-v'],
  version: /nginx\/(\S+)/,
  debianPackage: 'nginx',
}

/** Varnish; its access log is written by `varnishncsa` of the same package. */
export const varnish: Program = {
  name: 'varnishd',
  versionArgs: ['-V'],
  version: /varnish-(\S+)/,
  debianPackage: 'varnish',
}

/** The load generator. */
export const wrk: Program = { name: 'wrk', versionArgs: ['-v'], version: /wrk (\S+)/, debianPackage: 'wrk' }

/** Looks on PATH and where daemons live; as root, with apt, installs the package. */
export async function findProgram(program: Program, progress: Progress): Promise<FoundProgram> {
  const found = await look(program)
  if (found !== undefined) return found
  const advice = `Install it: apt-get install ${program.debianPackage} (as root), or put \`${program.name}\` on PATH.`
  if (process.getuid?.() !== 0) return { kind: 'missing', why: `${program.name} is not installed. ${advice}` }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const args = ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends', program.debianPackage]
  const installing = runCommand('apt-get', args, { env })
  const result = await withProgress(`installing ${program.debianPackage} with apt-get`, installing, { progress })
  const installed = result.kind === 'exited' && result.code === 0 ? await look(program) : undefined
  return installed ?? { kind: 'missing', why: `${program.name} could not be installed with apt-get. ${advice}` }
}

async function look(program: Program): Promise<FoundProgram | undefined> {
  for (const folder of ['', '/usr/sbin/', '/usr/local/sbin/', '/usr/bin/', '/usr/local/bin/']) {
    const path = `${folder}${program.name}`
    const result = await runCommand(path, program.versionArgs, { timeoutMs: 10_000 })
    const match = result.kind === 'exited' ? program.version.exec(`${result.stdout}${result.stderr}`) : null
    if (match?.[1] !== undefined) return { kind: 'found', path, version: match[1] }
  }
  return undefined
}
