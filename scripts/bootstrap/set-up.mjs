import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { installDependencies } from './dependencies.mjs'
import { findNode } from './find-node.mjs'
import { findPnpm } from './find-pnpm.mjs'
import { isWritable, userCacheDir } from './user-cache.mjs'

/**
 * Makes sure that Node.js, pnpm and the dependencies are there.
 * @param {string} root
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>} The Node.js to use, and an environment where `node` and `pnpm` are found.
 */
export async function setUp(root) {
  const cacheDir = userCacheDir()
  const env = { ...process.env }
  // npm and pnpm keep caches below HOME; where it cannot be written, they get another.
  if (!isWritable(join(homedir() || '/nonexistent', '.npm'))) {
    env.HOME = join(cacheDir, 'home')
    isWritable(env.HOME)
  }
  const node = await findNode({ cacheDir, env })
  env.PATH = [dirname(node), env.PATH].join(delimiter)
  const pnpm = await findPnpm({ cacheDir, node, env })
  if (pnpm.binDir !== undefined) env.PATH = [pnpm.binDir, env.PATH].join(delimiter)
  await installDependencies(root, pnpm, env)
  return { node, env }
}
