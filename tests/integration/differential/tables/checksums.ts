import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { bytesOf } from '../harness/fixtures.ts'
import { uploadParts } from '../harness/multipart.ts'
import { type Row, readCases } from '../harness/read-case.ts'
import type { ReadTable } from '../harness/read-table.ts'
import { tell } from '../harness/store-client.ts'

const body = bytesOf(1000, 5)

function crc32Of(bytes: Uint8Array): string {
  const number = Buffer.alloc(4)
  number.writeUInt32BE(crc32(bytes))
  return number.toString('base64')
}

/** CRC-32C bit by bit: small inputs only. */
function crc32cOf(bytes: Uint8Array): string {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  const number = Buffer.alloc(4)
  number.writeUInt32BE((crc ^ 0xffffffff) >>> 0)
  return number.toString('base64')
}

const hash = (algorithm: string) => (bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('base64')

const checksums: readonly (readonly [name: string, of: (bytes: Uint8Array) => string])[] = [
  ['crc32', crc32Of],
  ['crc32c', crc32cOf],
  ['sha1', hash('sha1')],
  ['sha256', hash('sha256')],
]

const enabled = ['x-amz-checksum-mode', 'ENABLED']
const range = ['Range', 'bytes=50-150']
const objects = [...checksums.map(([name]) => name), 'none', 'multipart-sha256', 'multipart-crc32']

/** `x-amz-checksum-mode`: what was stored with a checksum shows it when asked, the whole and never a part. */
export const checksumTable: ReadTable = {
  name: 'checksums',
  async prepare(world) {
    for (const [name, of] of checksums) {
      const headers = [`x-amz-checksum-${name}`, of(body)]
      await tell(world, { method: 'PUT', target: `/plain/checksum-${name}`, body, headers })
    }
    await tell(world, { method: 'PUT', target: '/plain/checksum-none', body })
    for (const [name, of] of [
      ['sha256', hash('sha256')],
      ['crc32', crc32Of],
    ] as const) {
      await uploadParts(world, {
        target: `/plain/checksum-multipart-${name}`,
        headers: ['x-amz-checksum-algorithm', name.toUpperCase()],
        parts: [body],
        partHeaders: () => [`x-amz-checksum-${name}`, of(body)],
        partElement: () => `<Checksum${name.toUpperCase()}>${of(body)}</Checksum${name.toUpperCase()}>`,
      })
    }
  },
  cases: readCases({ answeredBy: 'network' }, [
    ...objects.flatMap((name): Row[] => {
      const target = `/plain/checksum-${name}`
      return [
        { name: `GET ${name}`, target, answeredBy: 'cache' },
        { name: `HEAD ${name}`, target, method: 'HEAD', answeredBy: 'cache' },
        { name: `GET ${name}, mode`, target, headers: enabled, answeredBy: 'store' },
        { name: `HEAD ${name}, mode`, target, headers: enabled, method: 'HEAD', answeredBy: 'store' },
        { name: `GET ${name}, mode, range`, target, headers: [...enabled, ...range], answeredBy: 'cache' },
        {
          name: `GET ${name}, mode, whole range`,
          target,
          headers: [...enabled, 'Range', 'bytes=0-'],
          answeredBy: 'cache',
        },
        {
          name: `HEAD ${name}, mode, range`,
          target,
          headers: [...enabled, ...range],
          method: 'HEAD',
          answeredBy: 'store',
        },
        {
          name: `GET ${name}, mode in the query`,
          target: `${target}?x-amz-checksum-mode=ENABLED`,
          auth: 'presigned-v4',
          answeredBy: 'store',
        },
      ]
    }),
    {
      name: 'GET sha256, mode in lower case',
      target: '/plain/checksum-sha256',
      headers: ['x-amz-checksum-mode', 'enabled'],
      answeredBy: 'store',
    },
    {
      name: 'GET sha256, unknown mode',
      target: '/plain/checksum-sha256',
      headers: ['x-amz-checksum-mode', 'SOMETIMES'],
      answeredBy: 'cache',
    },
    {
      name: 'GET sha256, mode, not modified',
      target: '/plain/checksum-sha256',
      headers: [...enabled, 'If-None-Match', '{etag}'],
      answeredBy: 'store',
    },
    {
      name: 'GET part 1 of multipart-sha256, mode',
      target: '/plain/checksum-multipart-sha256?partNumber=1',
      headers: enabled,
      answeredBy: 'cache',
      learns: true,
    },
  ]),
}
