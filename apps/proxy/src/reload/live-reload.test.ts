import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { headerValue } from '@s3proxy/protocol'
import { createTempDir, requestOnce } from '@s3proxy/testkit'
import { expect, test } from 'vitest'
import { captureIo } from '../capture-io.ts'
import { openConfig } from '../commands/load.ts'
import { startSampleOrigin } from '../quickstart/sample-origin.ts'
import { startProxy } from '../start-proxy.ts'

const sample = {
  key: 'a.txt',
  body: Buffer.from('hello'),
  contentType: 'text/plain',
  etag: '"5d41402abc4b2a76b9719d911017c592"',
}

test('a proxy takes new rules while it serves, and keeps the last good ones', async () => {
  await using dir = await createTempDir()
  const origin = await startSampleOrigin({ name: 'b', samples: [sample], lastModified: 0 })
  const file = join(dir.path, 's.yaml')
  const write = (rules: string) =>
    writeFile(
      file,
      JSON.stringify({
        server: { http: { port: 0, bind: '127.0.0.1' }, config_poll: 0 },
        cache: { dir: join(dir.path, 'cache') },
        health: { port: 0, bind: '127.0.0.1' },
        metrics: { enabled: false },
        upstream: { stores: { [`127.0.0.1:${origin.port}`]: { scheme: 'http' } } },
        logging: { access: { dir: null } },
        rules: JSON.parse(rules),
      }),
    )
  await write('[{ "match": "b/**", "authorization": "network" }]')
  const io = captureIo({ cwd: dir.path })
  const source = await openConfig({ file, flags: [] }, io)
  if (source.kind === 'invalid') throw new Error(JSON.stringify(source.problems))
  const started = await startProxy({ config: source.loaded.config, io, source })
  if (started.kind === 'failed') throw new Error(started.message)
  try {
    const port = started.listeners.get('http')?.port ?? 0
    const health = started.listeners.get('health')?.port ?? 0
    const read = async () => {
      const headers = ['Host', `127.0.0.1:${origin.port}`]
      const answer = await requestOnce({ port }, { method: 'GET', target: '/b/a.txt', headers })
      return [answer.status, headerValue(answer.headers, 'x-cache')]
    }
    const configuration = async () => {
      const answer = await requestOnce({ port: health }, { method: 'GET', target: '/health', headers: ['Host', 'h'] })
      return JSON.parse(answer.body.toString()).configuration
    }
    expect([await read(), await read()]).toEqual([
      [200, 'MISS'],
      [200, 'HIT'],
    ])
    await write('[{ "match": "b/*.txt", "cache": false }]')
    await started.reload()
    expect(await read()).toEqual([200, 'BYPASS'])
    expect(await configuration()).toBe('current')
    await write('[{ "match": "b" }]')
    await started.reload()
    expect([await read(), await configuration()]).toEqual([[200, 'BYPASS'], 'rejected'])
    await write('[{ "match": "b/**", "authorization": "network" }]')
    await started.reload()
    expect([await read(), await configuration()]).toEqual([[200, 'HIT'], 'current'])
    expect(io.err).toContain('"changed":["rules"],"rules":1,"msg":"the configuration was reloaded"')
  } finally {
    await started.stop()
    await origin.close()
  }
})
