import { expect, test } from 'vitest'
import { redactLine } from './redact-line.ts'

const secret = 'c2VjcmV0LXZhbHVl'

test.each([
  { headers: { authorization: `AWS4-HMAC-SHA256 Credential=${secret}/x, SignedHeaders=host, Signature=${secret}` } },
  { rawHeaders: ['Host', 'b', 'Authorization', `AWS ${secret}`, 'X-Amz-Security-Token', `"${secret}"`] },
  { msg: `GET /k?X-Amz-Credential=${secret}&X-Amz-Signature=${secret}&a=1 failed` },
  { err: { message: `header was AWS4-HMAC-SHA256 Credential=${secret}/2026, Signature=${secret}` } },
  { err: { message: `header was AWS AKIAIOSFODNN7EXAMPLE:${secret}` } },
  { url: `redis://user:${secret}@host:6379` },
  { config: { password: secret, secretAccessKey: secret, token: secret, sessionToken: secret } },
  { headers: { 'x-amz-server-side-encryption-customer-key': secret, cookie: `a=\\"${secret}` } },
])('no secret is left of %j', (fields) => {
  const line = JSON.stringify(fields)
  expect(line).toContain(secret)
  const clean = redactLine(line)
  expect(clean).not.toContain(secret)
  expect(clean).toContain('REDACTED')
  expect(() => JSON.parse(clean)).not.toThrow()
})

test.each([
  { msg: 'listening', url: 'http://127.0.0.1:80/', port: 80 },
  { msg: 'signature mismatch', code: 'SignatureDoesNotMatch', key: 'a@b' },
])('%j stays as it is', (fields) => {
  expect(redactLine(JSON.stringify(fields))).toBe(JSON.stringify(fields))
})

test('a long hostile line takes no long time', () => {
  const line = JSON.stringify({
    msg: `${'a'.repeat(200_000)} AWS ${'A'.repeat(200_000)} "token" ${'https://'.repeat(20_000)}`,
  })
  expect(redactLine(line).length).toBeGreaterThan(0)
})
