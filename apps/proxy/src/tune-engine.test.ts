import { fileURLToPath } from 'node:url'
import { runCommand } from '@s3proxy/testkit'
import { expect, test } from 'vitest'

const engine = fileURLToPath(new URL('tune-engine.ts', import.meta.url))

/** Objects of one kind outlive collection after collection, as requests do that wait for a cold object. */
const program = `
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { tuneEngine } from ${JSON.stringify(engine)}
if (process.argv[1] === 'tuned') tuneEngine()
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
const make = (i) => ({ i, fields: [i, { of: i }] })
const kept = []
for (let round = 0; round < 20; round++) {
  for (let i = 0; i < 5000; i++) kept.push(make(i))
  collect({ type: 'minor' })
}
console.log('kept', kept.length)`

test.each([
  ['as Node.js comes', [], true],
  ['tuned', ['tuned'], false],
])('objects that wait make V8 take all of their kind for old ones: %s', async (_, args, tenures) => {
  const flags = ['--disable-warning=ExperimentalWarning', '--trace-pretenuring-statistics', '--input-type=module']
  const result = await runCommand(process.execPath, [...flags, '-e', program, ...args], { timeoutMs: 60_000 })
  const stdout = result.kind === 'exited' ? result.stdout : ''
  expect(stdout).toContain('kept 100000')
  expect(stdout.includes('=> tenure') || stdout.includes('=> maybe tenure')).toBe(tenures)
})
