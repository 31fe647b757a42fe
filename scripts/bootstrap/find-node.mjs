import { join } from 'node:path'
import { installPackage } from './npm.mjs'
import { nodePin } from './pins.mjs'
import { SetupError } from './setup-error.mjs'

/**
 * A Node.js that runs the sources: the one at hand if it is new enough, else one of our own.
 * @param {{ cacheDir: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} Path of the program.
 */
export async function findNode({ cacheDir, env }) {
  if (isNewEnough(process.versions.node)) return process.execPath
  const platform = `${process.platform}-${process.arch}`
  const spec = nodePin.packages[platform]
  if (spec === undefined) {
    throw new SetupError(
      `Node.js ${process.versions.node} is too old, and there is no package of a newer one for ${platform}.`,
      `Install Node.js ${nodePin.minimum.join('.')} or later.`,
    )
  }
  const folder = await installPackage(spec, { cacheDir, env })
  const name = spec.slice(0, spec.indexOf('@'))
  const bin = join(folder, 'node_modules', name, 'bin')
  return join(bin, process.platform === 'win32' ? 'node.exe' : 'node')
}

/**
 * Whether a version such as `24.21.0` is new enough.
 * @param {string} version
 */
export function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  const [wantedMajor, wantedMinor] = nodePin.minimum
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}
