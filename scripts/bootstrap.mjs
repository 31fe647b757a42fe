// `npm start` and `npm test`: sets up what is missing (Node.js, pnpm, dependencies) for this user only, then goes on.
// Plain JavaScript without dependencies: it has to run on the Node.js that happens to be there, from version 20 on.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runToTheEnd } from './bootstrap/run.mjs'
import { setUp } from './bootstrap/set-up.mjs'
import { SetupError } from './bootstrap/setup-error.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [mode, ...args] = process.argv.slice(2)

/** What to run, on the Node.js that was found, with the arguments that follow `--`. */
function command() {
  const proxy = join(root, 'apps', 'proxy', 'src', 'main.ts')
  switch (mode) {
    case 'start':
      if (args.length === 0) return [proxy, 'demo']
      return args[0].startsWith('-') ? [proxy, 'serve', ...args] : [proxy, ...args]
    case 'test':
      return [join(root, 'scripts', 'test.ts'), ...args]
    default:
      throw new SetupError(`no such command: ${mode ?? '(none)'}`, 'Use `npm start` or `npm test`.')
  }
}

try {
  const script = command()
  const { node, env } = await setUp(root)
  await runToTheEnd(node, ['--disable-warning=ExperimentalWarning', ...script], { env })
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`\nSetup failed: ${error.message}\n${error.advice}\n`)
  process.exitCode = 1
}
