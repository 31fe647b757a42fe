import { describe, expect, it } from 'vitest'
import { errorCodes } from './error-codes.ts'
import { ProxyError, toProxyError } from './proxy-error.ts'

describe('errorCodes', () => {
  it('have a status that is an error and a message', () => {
    for (const [code, { status, message }] of Object.entries(errorCodes)) {
      expect(code).toMatch(/^[A-Z][A-Za-z]+$/)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(600)
      expect(message).not.toBe('')
    }
  })
})

describe('ProxyError', () => {
  it('takes status, message and reason from its code', () => {
    const error = new ProxyError('SlowDown', { source: 'proxy' })
    expect(error).toMatchObject({
      name: 'ProxyError',
      code: 'SlowDown',
      status: 503,
      source: 'proxy',
      retryable: false,
      reason: 'SlowDown',
      message: 'Please reduce your request rate.',
    })
    expect(error.cause).toBeUndefined()
    expect(error).toBeInstanceOf(Error)
  })

  it('takes its own where given', () => {
    const cause = new Error('ECONNRESET')
    expect(
      new ProxyError('BadGateway', { source: 'upstream', retryable: true, cause, message: 'no', reason: 'reset' }),
    ).toMatchObject({ status: 502, retryable: true, cause, message: 'no', reason: 'reset' })
  })
})

describe('toProxyError', () => {
  it('leaves a ProxyError alone and wraps anything else', () => {
    const error = new ProxyError('BadGateway', { source: 'upstream' })
    expect(toProxyError(error, 'store')).toBe(error)
    const cause = new TypeError('x')
    expect(toProxyError(cause, 'store')).toMatchObject({ code: 'InternalError', source: 'store', cause })
    expect(toProxyError('text', 'client')).toMatchObject({ code: 'InternalError', source: 'client', cause: 'text' })
  })
})
