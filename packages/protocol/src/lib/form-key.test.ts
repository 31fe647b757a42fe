import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFormKeyReader } from './form-key.ts'

const boundary = '----WebKitFormBoundary7MA4YWxkTrZu0gW'
const contentType = `multipart/form-data; boundary=${boundary}`
const variable = `$\{filename}`
const field = (name: string, value: string) =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const file = (parameters = '; filename="photo.jpg"') =>
  `--${boundary}\r\nContent-Disposition: form-data; name="file"${parameters}\r\nContent-Type: image/jpeg\r\n\r\nDATA\r\n--${boundary}--\r\n`

function read(body: string, type = contentType, cuts: readonly number[] = []) {
  const reader = createFormKeyReader(type)
  const bytes = Buffer.from(body, 'utf8')
  const places = [0, ...cuts.map((n) => n % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  for (const [i, place] of places.slice(1).entries()) reader.push(bytes.subarray(places[i], place))
  return reader.end()
}
const binary = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

describe('createFormKeyReader', () => {
  it.each([
    ['a key', field('key', 'user/a.jpg') + file(), 'user/a.jpg'],
    ['a key among other fields', field('policy', 'eyJ=') + field('key', 'a') + field('x-amz-date', 'b') + file(), 'a'],
    ['a key with the name of the file', field('key', `u/${variable}-${variable}`) + file(), 'u/photo.jpg-photo.jpg'],
    ['a file name with a dollar', field('key', variable) + file('; filename="$&$1"'), '$&$1'],
    ['a key that is not decoded', field('key', 'a%2Fb+c') + file(), 'a%2Fb+c'],
    ['a key that is not ASCII', field('key', '日本') + file(), '日本'],
    ['names in another case', field('Key', 'a') + file(), 'a'],
    ['a name without quotes', `--${boundary}\r\ncontent-disposition: form-data;name=key\r\n\r\na\r\n${file()}`, 'a'],
    [
      'a value that looks like a boundary',
      field('key', `a\r\n--${boundary.slice(1)}`) + file(),
      `a\r\n--${boundary.slice(1)}`,
    ],
    [
      'a file name that looks like another parameter',
      field('key', variable) + file('; filename="x; name=key"'),
      'x; name=key',
    ],
    ['a file without a name', field('key', 'a') + file(''), 'a'],
  ])('finds %s', (_what, body, key) => {
    expect(read(body)).toEqual({ kind: 'key', key: binary(key) })
    expect(
      read(
        body,
        contentType,
        Array.from({ length: body.length }, (_, i) => i),
      ),
    ).toEqual({ kind: 'key', key: binary(key) })
  })

  it('takes a quoted boundary', () => {
    expect(read(field('key', 'a') + file(), `multipart/form-data; charset=utf-8; Boundary="${boundary}"`).kind).toBe(
      'key',
    )
  })

  it.each([
    ['no boundary', field('key', 'a') + file(), 'no-boundary', 'multipart/form-data'],
    ['a long boundary', '', 'no-boundary', `multipart/form-data; boundary=${'a'.repeat(71)}`],
    ['another boundary', field('key', 'a') + file(), 'not-multipart', 'multipart/form-data; boundary=x'],
    ['a preamble', `preamble\r\n${field('key', 'a')}${file()}`, 'not-multipart'],
    ['nothing', '', 'truncated'],
    ['no file', field('key', 'a'), 'truncated'],
    ['no file, ended', `${field('key', 'a')}--${boundary}--\r\n\r\n`, 'no-key'],
    ['no key', field('acl', 'private') + file(), 'no-key'],
    ['the key after the file', file() + field('key', 'a'), 'no-key'],
    ['two keys', field('key', 'a') + field('Key', 'b') + file(), 'doubtful-key'],
    [
      'a part that hides its name',
      `--${boundary}\r\nContent-Disposition: form-data; name*=UTF-8''key\r\n\r\nb\r\n${field('key', 'a')}${file()}`,
      'doubtful-key',
    ],
    ['a part with an escape', field('key', 'a') + field('a\\"; name="key', 'b') + file(), 'doubtful-key'],
    ['a part without a name', `--${boundary}\r\nX: y\r\n\r\nb\r\n${field('key', 'a')}${file()}`, 'doubtful-key'],
    ['a part named twice', field('key', 'a') + field('x"; name="key', 'b') + file(), 'doubtful-key'],
    [
      'a folded line',
      `--${boundary}\r\nContent-Disposition: form-data; name="x"\r\n ; y=z\r\n\r\nb\r\n${field('key', 'a')}${file()}`,
      'doubtful-key',
    ],
    ['an empty key', field('key', '') + file(), 'doubtful-key'],
    ['white space around', field('key', 'a ') + file(), 'doubtful-key'],
    [
      'an encoded key',
      `--${boundary}\r\nContent-Disposition: form-data; name="key"\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n${file()}`,
      'doubtful-key',
    ],
    ['a file name that is a path', field('key', variable) + file('; filename="a/b.jpg"'), 'doubtful-filename'],
    ['a file name with an escape', field('key', variable) + file('; filename="a%22.jpg"'), 'doubtful-filename'],
    ['two file names', field('key', variable) + file(`; filename="a"; filename*=UTF-8''b`), 'doubtful-filename'],
    ['no file name', field('key', variable) + file(''), 'doubtful-filename'],
    ['too much before the file', field('policy', 'a'.repeat(33_000)) + file(), 'too-large'],
    ['headers without end', `--${boundary}\r\n${'a'.repeat(40_000)}`, 'too-large'],
  ])('doubts %s', (_what, body, reason, type = contentType) => {
    expect(read(body, type)).toEqual({ kind: 'unreadable', reason })
  })

  it('answers as soon as it can, and keeps its answer', () => {
    const reader = createFormKeyReader(contentType)
    expect(reader.push(Buffer.from(field('key', 'a'))).kind).toBe('pending')
    expect(reader.push(Buffer.from(file())).kind).toBe('key')
    expect(reader.push(Buffer.alloc(100_000))).toEqual({ kind: 'key', key: 'a' })
    expect(reader.end()).toEqual({ kind: 'key', key: 'a' })
  })

  it('answers the same however the body is cut', () => {
    const piece = fc.constantFrom(field('key', 'a'), field('acl', 'b'), file(), '\r\n', `--${boundary}`, '--', 'x')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 9 }), (pieces, cuts) => {
        const body = pieces.join('')
        expect(read(body, contentType, cuts)).toEqual(read(body))
      }),
    )
  })
})
