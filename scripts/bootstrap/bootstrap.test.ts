import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

/** A folder that goes with the test. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 's3proxy-bootstrap-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** What a script that may import the bootstrap's files prints, and how it ends. */
async function script(
  text: string,
  env: Readonly<Record<string, string>>,
): Promise<{ out: string; code: number | null }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
    cwd: import.meta.dirname,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { out: out.trim(), code }
}

const printCacheDir = "import { userCacheDir } from './user-cache.mjs'; console.log(userCacheDir())"

test('tools are kept below XDG_CACHE_HOME, else below HOME', async () => {
  const home = folder()
  const xdg = folder()
  expect((await script(printCacheDir, { HOME: home })).out).toBe(join(home, '.cache', 's3proxy'))
  expect((await script(printCacheDir, { HOME: home, XDG_CACHE_HOME: xdg })).out).toBe(join(xdg, 's3proxy'))
})

test('where HOME cannot be written they are kept below the temporary folder, in one of our own', async () => {
  const temporary = folder()
  const file = join(temporary, 'a-file')
  writeFileSync(file, '')
  const { out } = await script(printCacheDir, { HOME: join(file, 'home'), TMPDIR: temporary })
  expect(out).toMatch(new RegExp(`^${temporary}/s3proxy-\\d+$`))
  expect(existsSync(out)).toBe(true)
})

test('the oldest Node.js that will do is the one that package.json of the packages name', async () => {
  const text = `import { isNewEnough } from './find-node.mjs'
    console.log(JSON.stringify(['20.20.2', '22.18.9', '22.19.0', '23.0.0', '24.21.0'].map(isNewEnough)))`
  expect(JSON.parse((await script(text, {})).out)).toEqual([false, false, true, true, true])
})

test.each([
  ['process.exit(7)', 7],
  ["process.kill(process.pid, 'SIGKILL')", 137],
  ['0', 0],
])('what runs in our place ends us as it ends: %s', async (body, code) => {
  const text = `import { runToTheEnd } from './run.mjs'
    await runToTheEnd(process.execPath, ['-e', ${JSON.stringify(body)}], { env: process.env })`
  expect((await script(text, {})).code).toBe(code)
})

test('a signal reaches what runs, by way of npm too, whose shell dies of it', async () => {
  const inner =
    "process.on('SIGTERM', () => { console.log('told'); process.exit(0) }); setInterval(() => {}, 1000); console.log('up')"
  const file = join(folder(), 'outer.mjs')
  const run = new URL('./run.mjs', import.meta.url).href
  writeFileSync(
    file,
    `import { runToTheEnd } from ${JSON.stringify(run)}
     await runToTheEnd(process.execPath, ['-e', ${JSON.stringify(inner)}], { env: process.env })`,
  )
  // The second command keeps the shell from replacing itself with the first.
  const shell = spawn('/bin/sh', ['-c', '"$0" "$1"; exit', process.execPath, file], {
    env: { PATH: process.env['PATH'], npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  shell.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part
  })
  await once(shell.stdout, 'data')
  const ended = once(shell.stdout, 'close')
  shell.kill('SIGTERM')
  await ended
  expect(out).toBe('up\ntold\n')
})
