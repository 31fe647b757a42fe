import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { installPackage } from './npm.mjs'
import { pnpmPin } from './pins.mjs'

/**
 * A pnpm of the wanted major version: the one on PATH, else one of our own.
 * @param {{ cacheDir: string, node: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ file: string, args: string[], binDir: string | undefined }>} The command, and what PATH needs so that `pnpm` is it.
 */
export async function findPnpm({ cacheDir, node, env }) {
  const onPath = spawnSync('pnpm', ['--version'], {
    env,
    encoding: 'utf8',
    timeout: 30_000,
    shell: process.platform === 'win32',
  })
  if (onPath.status === 0 && Number.parseInt(onPath.stdout, 10) === pnpmPin.major) {
    return { file: 'pnpm', args: [], binDir: undefined }
  }
  const modules = join(await installPackage(pnpmPin.package, { cacheDir, env }), 'node_modules')
  return { file: node, args: [join(modules, 'pnpm', 'bin', 'pnpm.mjs')], binDir: join(modules, '.bin') }
}
