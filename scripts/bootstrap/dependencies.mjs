import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { step } from './step.mjs'

/**
 * Installs the dependencies that the lockfile names, unless nothing has changed since they were.
 * @param {string} root
 * @param {{ file: string, args: string[] }} pnpm
 * @param {NodeJS.ProcessEnv} env
 */
export async function installDependencies(root, pnpm, env) {
  const stamp = join(root, 'node_modules', '.s3proxy-setup')
  const wanted = fingerprint(root)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  // `CI` keeps pnpm from asking questions that nobody is there to answer.
  await step('Installing dependencies', pnpm.file, [...pnpm.args, 'install', '--frozen-lockfile', '--prefer-offline'], {
    cwd: root,
    env: { ...env, CI: 'true' },
    advice: [
      'If the npm registry cannot be reached, see above. If pnpm-lock.yaml does not fit the package.json files,',
      'run `pnpm install` and commit the lockfile.',
    ].join('\n'),
  })
  writeFileSync(stamp, wanted)
}

/** A hash of all that decides what gets installed. */
function fingerprint(root) {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n`)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...workspaceManifests(root)]) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

function workspaceManifests(root) {
  const folders = ['packages', 'apps'].flatMap((parent) =>
    existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map((name) => join(parent, name)) : [],
  )
  return [...folders, 'tests']
    .map((folder) => join(folder, 'package.json'))
    .filter((file) => existsSync(join(root, file)))
    .sort()
}
