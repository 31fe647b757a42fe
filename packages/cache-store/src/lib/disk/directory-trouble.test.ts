import { describe, expect, it } from 'vitest'
import { systemError } from '../testing/faulty-file-system.ts'
import { describeTrouble } from './directory-trouble.ts'

describe('describeTrouble', () => {
  it.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ENXIO', 'ENODEV', 'ESTALE', 'ETIMEDOUT'])('%s may pass', (code) => {
    const { reason, message } = describeTrouble('/cache', systemError(code))
    expect(reason).toBe('unavailable')
    expect(message).toMatch(new RegExp(`^/cache: .*name another directory \\(.*${code}.*\\)$`))
  })

  it.each(['EACCES', 'EPERM', 'ENOTDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG', 'EWHATEVER'])('%s stays', (code) => {
    expect(describeTrouble('/cache', systemError(code))).toMatchObject({
      reason: 'inaccessible',
      message: expect.stringContaining(code),
    })
  })
})
