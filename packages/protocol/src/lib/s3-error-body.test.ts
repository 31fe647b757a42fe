import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { formatS3Error } from './s3-error-body.ts'

const base = { code: 'AccessDenied', message: 'Access Denied', requestId: '4442587FB7D0A2F9' }

/** The texts of the elements, by name; throws if `xml` is not well-formed. */
function read(xml: string): Record<string, string> {
  const texts: Record<string, string> = {}
  let text = ''
  const parser = new SaxesParser()
  parser.on('opentag', () => {
    text = ''
  })
  parser.on('text', (piece) => {
    text += piece
  })
  parser.on('closetag', ({ name }) => {
    texts[name] = text
  })
  parser.write(xml).close()
  return texts
}

describe('formatS3Error', () => {
  it('looks like an error of S3', () => {
    expect(formatS3Error({ ...base, resource: '/bucket/a%20b', hostId: 'abc=' })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<Error><Code>AccessDenied</Code><Message>Access Denied</Message><Resource>/bucket/a%20b</Resource>' +
        '<RequestId>4442587FB7D0A2F9</RequestId><HostId>abc=</HostId></Error>',
    )
  })

  it('leaves out what is not given', () => {
    expect(formatS3Error(base)).not.toMatch(/Resource|HostId/)
    expect(formatS3Error({ ...base, resource: undefined, hostId: undefined })).toBe(formatS3Error(base))
  })

  it('escapes markup and replaces what XML cannot hold', () => {
    const xml = formatS3Error({ ...base, resource: '/<a>&"\'\r\n\t\u0000\ud800😀\uffff' })
    expect(xml).toContain('<Resource>/&lt;a&gt;&amp;&quot;&apos;&#13;\n\t\ufffd\ufffd😀\ufffd</Resource>')
  })

  it('is bounded, and never cut inside a reference', () => {
    expect(read(formatS3Error({ ...base, resource: '&'.repeat(100_000) }))['Resource']).toBe('&'.repeat(1024))
    expect(read(formatS3Error({ ...base, resource: `${'a'.repeat(1023)}😀` }))['Resource']).toBe(
      `${'a'.repeat(1023)}\ufffd`,
    )
  })

  it('is well-formed whatever the texts', () => {
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom('&', '<', ']]>'),
    )
    const text = fc.string({ unit, maxLength: 20 })
    fc.assert(
      fc.property(text, text, (message, resource) => {
        const texts = read(formatS3Error({ ...base, message, resource }))
        expect(Object.keys(texts)).toEqual(['Code', 'Message', 'Resource', 'RequestId', 'Error'])
        expect(texts['Code']).toBe('AccessDenied')
      }),
    )
  })
})
