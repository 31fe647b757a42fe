import { inject, test, vi } from 'vitest'
import type { Probe } from './harness/probe.ts'
import { tell } from './harness/store-client.ts'
import { startWorld } from './harness/world.ts'

test('explore', async () => {
  const minio = inject('minio')
  if (minio.kind === 'missing') throw new Error(minio.why)
  vi.stubEnv('MINIO_KMS_SECRET_KEY', `test-key:${Buffer.alloc(32, 7).toString('base64')}`)
  let t = performance.now()
  await using world = await startWorld(minio)
  console.log('start', performance.now() - t)
  const show = async (probe: Probe) => {
    const req = await world.sign(probe)
    const d = await world.direct.request(req)
    console.log(
      probe.method ?? 'GET',
      probe.auth ?? '',
      probe.target,
      probe.headers ?? '',
      '\n ',
      d.status,
      d.headers.join('|'),
      '\n ',
      d.body.toString('latin1').slice(0, 400),
    )
    for (const p of world.proxies) {
      const a = await p.request(req)
      console.log('  ', p.mode, a.status, a.headers.join('|'), '\n ', a.body.toString('latin1').slice(0, 400))
    }
  }
  await tell(world, { method: 'PUT', target: '/plain' })
  await tell(world, {
    method: 'PUT',
    target: '/plain/small',
    body: Buffer.from('hello world'),
    headers: ['Content-Type', 'text/plain', 'x-amz-meta-a', 'b'],
  })
  await show({ target: '/plain/small' })
  await show({ target: '/plain/small' })
  await show({ target: '/plain/small', headers: ['Range', 'bytes=1-3'] })
  await show({ target: '/plain/small', headers: ['Range', 'bytes=100-'] })
  await show({ target: '/plain/small', headers: ['If-None-Match', '"5eb63bbbe01eeed093cb22bb8f5acdc3"'] })
  await show({ target: '/plain/small', auth: 'v2' })
  await show({ target: '/plain/small', auth: 'presigned-v2' })
  await show({ target: '/plain/small', auth: 'presigned-v4' })
  await show({ target: '/plain/small', auth: 'v4', form: 'absolute' })
  await show({ target: '/small', auth: 'v4', host: 'plain.minio.test' })
  await show({ target: '/small', auth: 'v2', host: 'plain.minio.test' })
  await show({ target: '/plain/small', auth: 'anonymous' })
  await show({
    target: '/plain/sse',
    method: 'PUT',
    body: Buffer.from('x'),
    headers: ['x-amz-server-side-encryption', 'AES256'],
  })
  t = performance.now()
  for (let i = 0; i < 100; i++) await world.sign({ target: '/plain/small' })
  console.log('sign 100', performance.now() - t)
  t = performance.now()
  for (let i = 0; i < 100; i++) await world.direct.request(await world.sign({ target: '/plain/small' }))
  console.log('sign+direct 100', performance.now() - t)
  t = performance.now()
  for (let i = 0; i < 100; i++) await world.proxies[0]!.request(await world.sign({ target: '/plain/small' }))
  console.log('s3 100', performance.now() - t)
  t = performance.now()
  for (let i = 0; i < 100; i++) await world.proxies[1]!.request(await world.sign({ target: '/plain/small' }))
  console.log('network 100', performance.now() - t)
})
