import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { step } from './step.mjs'

/**
 * Installs a package below `folder` with npm, unless it is there. It is moved into place once complete, so that it is
 * there whole or not at all, whoever else does the same.
 * @param {string} spec `name@version`
 * @param {{ cacheDir: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} The folder that holds `node_modules`.
 */
export async function installPackage(spec, { cacheDir, env }) {
  const folder = join(cacheDir, 'npm', spec.replace('@', '-'))
  if (existsSync(folder)) return folder
  mkdirSync(dirname(folder), { recursive: true })
  const staging = mkdtempSync(`${folder}.`)
  try {
    writeFileSync(join(staging, 'package.json'), '{ "private": true }\n')
    const flags = [
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      '--no-update-notifier',
      '--ignore-scripts',
    ]
    const [file, npmArgs] = npmCommand()
    await step(`Installing ${spec}`, file, [...npmArgs, 'install', '--prefix', staging, ...flags, spec], {
      cwd: staging,
      env,
      advice: [
        'npm could not install it. Check that the npm registry can be reached from here:  npm ping',
        'Behind a proxy set HTTPS_PROXY; for a registry of your own run `npm config set registry URL`; then try again.',
      ].join('\n'),
    })
    try {
      renameSync(staging, folder)
    } catch (error) {
      if (!existsSync(folder)) throw error // otherwise another process was faster, with the same content
    }
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
  return folder
}

/** The npm that runs us, else the one beside this Node.js, else the one on PATH. */
function npmCommand() {
  const running = process.env.npm_execpath
  if (running !== undefined && /npm-cli\.c?js$/.test(running)) return [process.execPath, [running]]
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js')
  if (existsSync(beside)) return [process.execPath, [beside]]
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', []]
}
