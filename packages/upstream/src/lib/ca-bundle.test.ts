import { createCertificateAuthority } from '@s3proxy/testkit'
import { describe, expect, test } from 'vitest'
import { parseCaBundle } from './ca-bundle.ts'

const [first, second] = await Promise.all([createCertificateAuthority('one'), createCertificateAuthority('two')])
const server = await first.issue({ dnsNames: ['a'] })

describe('a bundle', () => {
  test.each([
    ['one certificate', first.caPem, 1],
    ['two with comments', `# one\n${first.caPem}\n\nSubject: two\r\n${second.caPem.replaceAll('\n', '\r\n')}`, 2],
  ])('of %s', (_name, text, count) => {
    const bundle = parseCaBundle(text)
    expect(bundle).toMatchObject({ kind: 'certificates' })
    expect(bundle.kind === 'certificates' && bundle.pem.length).toBe(count)
  })

  test.each([
    ['nothing', '', 'there is no PEM certificate in it'],
    ['other text', 'hello', 'there is no PEM certificate in it'],
    ['DER', '\x30\x82\x01\x00', 'there is no PEM certificate in it'],
    ['a private key', first.caPem + server.keyPem, 'entry 2 is a PRIVATE KEY, not a CERTIFICATE'],
    ['broken base64', first.caPem.replace(/MII.{20}/, '!!!!'), 'certificate 1 cannot be read'],
    ['half a certificate', first.caPem + second.caPem.slice(0, 200), 'certificate 2 is cut off'],
  ])('of %s is invalid', (_name, text, reason) => {
    expect(parseCaBundle(text)).toEqual({ kind: 'invalid', reason })
  })

  test('never repeats what is in it', () => {
    expect(JSON.stringify(parseCaBundle(server.keyPem))).not.toContain(server.keyPem.split('\n')[1])
  })
})
