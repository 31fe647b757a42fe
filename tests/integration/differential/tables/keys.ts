import { bytesOf } from '../harness/fixtures.ts'
import { briefly, type Row, readCases } from '../harness/read-case.ts'
import type { ReadTable } from '../harness/read-table.ts'
import { tell } from '../harness/store-client.ts'

const keys = [
  'with space',
  'plus+plus',
  'space and+plus',
  '100%',
  '%%',
  '%2F',
  '%20',
  'a&b=c',
  'question?mark',
  'hash#mark',
  'semi;colon',
  'comma,comma',
  "quote'single",
  'quote"double',
  '<angle>&amp;',
  'back\\slash',
  'pipe|brace{}[]^`~',
  'at@colon:dollar$bang!star*(paren)',
  'equals=',
  'emoji-😀',
  'nfc-\u00e9',
  'nfd-e\u0301',
  'jp/日本語/ключ',
  'bidi-\u202eabc',
  'acl',
  'tagging',
  'uploads',
  'metrics',
  'health',
  'minio',
  '.hidden',
  'dots/v1..2/...x',
  'trailing/',
  'UPPER',
  'upper',
  'tab\tinside',
  'new\nline',
  `long/${'k'.repeat(200)}/${'l'.repeat(200)}`,
  'no-such-object?',
] as const

/** Keys that this store does not take, or that stand for another request. */
const refused = ['a/../b', './a', 'a//b', '/leading', '..', `${'x'.repeat(300)}`, `${'y/'.repeat(600)}z`]

function escapeByte(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

/** As SigV4 wants it: everything but unreserved characters and slashes in percent-encoding. */
function encodeKey(key: string): string {
  return Array.from(Buffer.from(key), (byte) => {
    const char = String.fromCharCode(byte)
    return /[\w.~/-]/.test(char) ? char : escapeByte(byte)
  }).join('')
}

/** Every byte but slashes in percent-encoding, in lower case. */
function encodeAll(key: string): string {
  return Array.from(Buffer.from(key), (byte) => (byte === 0x2f ? '/' : escapeByte(byte).toLowerCase())).join('')
}

/** As little percent-encoding as a path can do with. */
function encodeLittle(key: string): string {
  return encodeKey(key).replace(/%(2B|26|3D|3B|2C|27|40|3A|24|21|2A|28|29)/g, (code) => decodeURIComponent(code))
}

/** Names that are easily spoilt, in every spelling. */
export const keyTable: ReadTable = {
  name: 'keys',
  async prepare(world) {
    await tell(world, { method: 'PUT', target: '/odd.keys' })
    for (const [index, key] of keys.entries()) {
      if (key.endsWith('?')) continue
      await tell(world, { method: 'PUT', target: `/odd.keys/${encodeKey(key)}`, body: bytesOf(1000 + index, index) })
    }
  },
  cases: readCases({ answeredBy: 'cache' }, [
    ...keys.flatMap((key): Row[] => {
      const canonical = `/odd.keys/${encodeKey(key)}`
      const answeredBy = key.endsWith('?') ? 'store' : 'cache'
      const little = `/odd.keys/${encodeLittle(key)}`
      const name = JSON.stringify(key)
      return [
        { name: `GET ${name}`, target: canonical, answeredBy },
        { name: `HEAD ${name}`, target: canonical, method: 'HEAD', answeredBy, states: briefly },
        {
          name: `GET ${name}, all escaped`,
          target: `/odd.keys/${encodeAll(key)}`,
          canonical,
          answeredBy,
          states: briefly,
        },
        ...(little === canonical
          ? []
          : [
              {
                name: `GET ${name}, little escaped`,
                target: little,
                canonical,
                answeredBy,
                states: briefly,
              } satisfies Row,
            ]),
        {
          name: `GET ${name}, virtual-hosted`,
          target: `/${encodeKey(key)}`,
          host: 'odd.keys.minio.test',
          object: canonical,
          answeredBy,
          states: briefly,
        },
      ]
    }),
    ...refused.flatMap((key): Row[] => [
      { name: `GET refused ${key.slice(0, 20)}`, target: `/odd.keys/${encodeKey(key)}`, answeredBy: 'store' },
      {
        name: `HEAD refused ${key.slice(0, 20)}`,
        target: `/odd.keys/${encodeKey(key)}`,
        method: 'HEAD',
        answeredBy: 'store',
      },
    ]),
    {
      name: 'GET a slash escaped',
      target: '/odd.keys/jp%2F%E6%97%A5%E6%9C%AC%E8%AA%9E%2f%D0%BA%D0%BB%D1%8E%D1%87',
      canonical: `/odd.keys/${encodeKey('jp/日本語/ключ')}`,
    },
    { name: 'GET not UTF-8', target: '/public/%FF%FE', auth: 'anonymous', answeredBy: 'store' },
    { name: 'GET a broken escape', target: '/odd.keys/a%zz', canonical: '/odd.keys/a', answeredBy: 'store' },
    { name: 'GET an escape cut off', target: '/odd.keys/a%2', canonical: '/odd.keys/a', answeredBy: 'store' },
    { name: 'GET NUL', target: '/odd.keys/a%00b', answeredBy: 'store' },
  ]),
}
