import { expect, test } from 'vitest'
import { formatHostPort, parseHostPort } from './host-port.ts'

test.each([
  ['minio.local:9000', { host: 'minio.local', port: 9000 }],
  ['MinIO', { host: 'minio', port: undefined }],
  ['10.0.0.1:80', { host: '10.0.0.1', port: 80 }],
  ['[::1]:53', { host: '::1', port: 53 }],
  ['[::1]', { host: '::1', port: undefined }],
  ['2001:DB8::1', { host: '2001:db8::1', port: undefined }],
])('%s is understood', (text, value) => {
  const reading = parseHostPort(text)
  expect(reading).toEqual({ kind: 'value', value })
  expect(parseHostPort(formatHostPort(value))).toEqual(reading)
})

test.each([
  '',
  'a b',
  'a:0',
  'a:65536',
  'a:x',
  'a:1:2',
  'a..b',
  '-a',
  '[10.0.0.1]:80',
  '[::g]',
  'http://a',
  'user@a',
  'a/b',
  'a'.repeat(300),
])('%s is refused', (text) => {
  expect(parseHostPort(text).kind).toBe('malformed')
})
