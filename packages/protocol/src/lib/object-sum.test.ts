import { describe, expect, it } from 'vitest'
import { findObjectSum } from './object-sum.ts'

const md5 = '"5d41402abc4b2a76b9719d911017c592"'
const sha256 = 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ='
const crc32 = 'NhCmhg=='

describe('findObjectSum', () => {
  it('takes the strongest checksum, and the entity tag last', () => {
    const headers = ['x-amz-checksum-crc32', crc32, 'X-Amz-Checksum-SHA256', sha256]
    expect(findObjectSum(md5, headers)).toEqual({
      algorithm: 'sha256',
      source: 'checksum',
      hex: Buffer.from(sha256, 'base64').toString('hex'),
    })
    expect(findObjectSum(md5, headers, ({ algorithm }) => algorithm !== 'sha256')?.hex).toBe('3610a686')
    expect(findObjectSum(md5, [])).toEqual({ algorithm: 'md5', source: 'etag', hex: md5.slice(1, -1) })
    expect(findObjectSum(md5, [], () => false)).toBeUndefined()
  })

  it('does not compare sums of parts with the whole', () => {
    const typed = ['x-amz-checksum-crc32', crc32, 'x-amz-checksum-type', 'COMPOSITE']
    expect(findObjectSum('"5d41402abc4b2a76b9719d911017c592-2"', typed)).toBeUndefined()
    expect(findObjectSum('"e"', ['x-amz-checksum-crc32', `${crc32}-3`])).toBeUndefined()
    const whole = ['x-amz-checksum-crc64nvme', 'rosUhgp5mIg=', 'x-amz-checksum-type', 'FULL_OBJECT']
    expect(findObjectSum('"e-2"', whole)).toEqual({
      algorithm: 'crc64nvme',
      source: 'checksum',
      hex: 'ae8b14860a799888',
    })
  })

  it('does not take a value of another length, or one that is no base64', () => {
    for (const value of ['NhCm', 'NhCmhgAA', '', 'NhC*hg==', 'NhCmhh==']) {
      expect(findObjectSum('"e"', ['x-amz-checksum-crc32', value])).toBeUndefined()
    }
  })

  it('does not take an entity tag for an MD5 where S3 says it is none', () => {
    for (const header of [
      ['x-amz-server-side-encryption', 'aws:kms'],
      ['x-amz-server-side-encryption', 'aws:kms:dsse'],
      ['x-amz-server-side-encryption-customer-algorithm', 'AES256'],
      ['x-amz-storage-class', 'EXPRESS_ONEZONE'],
    ]) {
      expect(findObjectSum(md5, header)).toBeUndefined()
    }
    expect(findObjectSum(md5, ['x-amz-server-side-encryption', 'AES256'])?.algorithm).toBe('md5')
    expect(findObjectSum(`W/${md5}`, [])).toBeUndefined()
    expect(findObjectSum('"5d41402abc4b2a76b9719d911017c59"', [])).toBeUndefined()
  })
})
