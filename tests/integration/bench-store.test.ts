import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createTempDir } from '@s3proxy/testkit'
import { describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('../../bench/store/run.ts', import.meta.url))

interface Measured {
  readonly what: string
  readonly objects: number
  readonly perCpuSecond: readonly number[]
}

interface Results {
  readonly readiness: readonly { readonly objects: number }[]
  readonly memory: readonly { readonly remembered: number }[]
  readonly lookups: readonly Measured[]
  readonly evictions: readonly Measured[]
  readonly reads: readonly Measured[]
}

describe('npm run bench:store', () => {
  it('measures a small store in every way and leaves nothing behind', async () => {
    await using directory = await createTempDir()
    const sizes = ['--objects', '60', '--beside', '20', '--large', '1']
    const args = [program, ...sizes, '--milliseconds', '1', '--rounds', '1', '--json']
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: { ...process.env, TMPDIR: directory.path },
    })
    const { results } = JSON.parse(stdout) as { readonly results: Results }
    expect(results.readiness.map(({ objects }) => objects)).toEqual([20, 60])
    expect(results.memory.map(({ remembered }) => remembered)).toEqual([20, 60])
    const speeds = [...results.lookups, ...results.evictions, ...results.reads]
    expect(speeds.map(({ what }) => what)).toEqual([
      ...['known', 'known', 'disk', 'disk', 'absent', 'absent', 'plain', 'plain', 'evictions', 'evictions'],
      ...['store', 'trusting', 'plain', 'checked'].map((reader) => `sequential, ${reader}`),
      ...['store', 'trusting', 'plain', 'checked'].map((reader) => `random, ${reader}`),
    ])
    for (const { perCpuSecond } of speeds) expect(Math.min(...perCpuSecond)).toBeGreaterThan(0)
    expect(await readdir(directory.path)).toEqual([])
  })
})
