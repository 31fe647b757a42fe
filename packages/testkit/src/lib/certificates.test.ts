import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { createCertificateAuthority } from './certificates.ts'
import { requestOnce } from './http-client.ts'
import { answer } from './origin/answers.ts'
import { startFakeOrigin } from './origin/fake-origin.ts'

test('a server with an issued certificate is trusted by whoever trusts the authority', async () => {
  const authority = await createCertificateAuthority()
  const certificate = await authority.issue({ dnsNames: ['minio.test', '*.minio.test'], ips: ['127.0.0.1'] })
  await using origin = await startFakeOrigin({ tls: certificate, handler: answer({ body: 'over TLS' }) })
  const request = { method: 'GET', target: '/', headers: ['Host', 'bucket.minio.test'] }
  for (const servername of ['minio.test', 'bucket.minio.test']) {
    const tls = { ca: authority.caPem, servername }
    const got = await requestOnce({ port: origin.port, tls }, request)
    expect(got.body.toString()).toBe('over TLS')
  }
  const stranger = await createCertificateAuthority('a stranger')
  const tls = { ca: stranger.caPem, servername: 'minio.test' }
  await expect(requestOnce({ port: origin.port, tls }, request)).rejects.toThrow(/unable to verify|self-signed/)
})

test('certificates verify against the authority and can be made expired', async () => {
  const authority = await createCertificateAuthority()
  const ca = new X509Certificate(authority.caPem)
  const notAfter = Date.now() - 1000
  const expired = new X509Certificate((await authority.issue({ ips: ['::1'], notAfter })).certPem)
  expect(expired.verify(ca.publicKey)).toBe(true)
  expect(expired.checkIP('::1')).toBe('::1')
  expect(expired.validToDate.getTime()).toBeLessThan(Date.now())
})
