// `npm run bench:*`: sets up what is missing, as `npm start` does, then runs the benchmark on the Node.js that was found.
// Plain JavaScript: it has to run on the Node.js that happens to be there.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runToTheEnd } from '../scripts/bootstrap/run.mjs'
import { setUp } from '../scripts/bootstrap/set-up.mjs'
import { SetupError } from '../scripts/bootstrap/setup-error.mjs'

const bench = dirname(fileURLToPath(import.meta.url))
const [script, ...args] = process.argv.slice(2)

try {
  if (script === undefined) throw new SetupError('no benchmark named', 'Use `npm run bench:herd` or one of its kind.')
  const { node, env } = await setUp(dirname(bench))
  await runToTheEnd(node, ['--disable-warning=ExperimentalWarning', join(bench, script), ...args], { env })
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`\nSetup failed: ${error.message}\n${error.advice}\n`)
  process.exitCode = 1
}
