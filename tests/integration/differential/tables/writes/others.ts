import { createHash } from 'node:crypto'
import { headerValue } from '@s3proxy/protocol'
import { bytesOf, textHeaders } from '../../harness/fixtures.ts'
import { uploadForm } from '../../harness/upload-form.ts'
import type { Side, WriteCase } from '../../harness/write-case.ts'

const key = (side: Side): string => side.path('key')
const text = (side: Side, name: string, seed = 1) =>
  side.send({ method: 'PUT', target: side.path(name), body: bytesOf(1000, seed), headers: textHeaders })

/** Keys as they stand in a path and in XML. */
const oddKeys: readonly (readonly [path: string, xml: string])[] = [
  ['a%20b', 'a b'],
  ['a%2Bb', 'a+b'],
  ['a%26b', 'a&amp;b'],
  ['a%3Cb%3E', 'a&lt;b&#62;'],
  ['a%2525', 'a%25'],
  ['a%22b%27', 'a&quot;b&apos;'],
  ['j%C3%A9', 'jé'],
  ['nfd-e%CC%81', 'nfd-e&#x301;'],
  ['%F0%9F%98%80', '😀'],
  ['c%5Bdata%5D', '<![CDATA[c[data]]]>'],
  ['deep/er/key', 'deep/er/key'],
]

function deletion(side: Side, quiet: boolean): Uint8Array {
  const prefix = side.path('').split('/').slice(2).join('/')
  const objects = oddKeys.map(([, xml]) => `<Object><Key>${prefix}${xml}</Key></Object>`)
  const head = `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>${quiet}</Quiet>`
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${head}${objects.join('')}</Delete>`)
}

function deleteMany(name: string, quiet: boolean): WriteCase {
  return {
    name,
    keys: ['stays'],
    reads: (side) => oddKeys.map(([path]) => ({ target: side.path(path) })),
    async prepare(side) {
      for (const [path] of oddKeys) await text(side, path)
      await text(side, 'stays')
    },
    async write(side) {
      const body = deletion(side, quiet)
      const md5 = createHash('md5').update(body).digest('base64')
      await side.send({ method: 'POST', target: '/writes?delete', body, headers: ['Content-MD5', md5] })
    },
  }
}

function tagging(...tags: readonly string[]): Uint8Array {
  const set = tags.map((tag) => `<Tag><Key>${tag}</Key><Value>x</Value></Tag>`).join('')
  return Buffer.from(`<Tagging><TagSet>${set}</TagSet></Tagging>`)
}

/** Changes a sub-resource of the kind that wants an MD5. */
const change = (side: Side, query: string, body: Uint8Array) =>
  side.send({
    method: 'PUT',
    target: `${key(side)}?${query}`,
    body,
    headers: ['Content-MD5', createHash('md5').update(body).digest('base64')],
  })

const legalHold = (status: string) => Buffer.from(`<LegalHold><Status>${status}</Status></LegalHold>`)
const retention = (until: string) =>
  Buffer.from(`<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`)

/** Sub-resources, deletions of many keys, versions, and uploads by form. */
export const otherWrites: readonly WriteCase[] = [
  deleteMany('DELETE many', false),
  deleteMany('DELETE many quietly', true),
  {
    name: 'DELETE many, unreadable',
    async write(side) {
      const body = Buffer.from('<Delete><Object>')
      const md5 = createHash('md5').update(body).digest('base64')
      await side.send({ method: 'POST', target: '/writes?delete', body, headers: ['Content-MD5', md5] })
    },
  },
  {
    name: 'tags set',
    write: async (side) =>
      void (await side.send({ method: 'PUT', target: `${key(side)}?tagging`, body: tagging('a', 'b') })),
  },
  {
    name: 'tags set, changed and taken off',
    async write(side) {
      await side.send({ method: 'PUT', target: `${key(side)}?tagging`, body: tagging('a', 'b') })
      await side.send({ method: 'PUT', target: `${key(side)}?tagging`, body: tagging('a') })
      await side.send({ method: 'DELETE', target: `${key(side)}?tagging` })
    },
    reads: (side) => [{ target: `${key(side)}?tagging` }],
  },
  {
    name: 'ACL set',
    write: async (side) =>
      void (await side.send({
        method: 'PUT',
        target: `${key(side)}?acl`,
        headers: ['x-amz-acl', 'private'],
        body: bytesOf(0),
      })),
  },
  {
    name: 'legal hold and retention',
    bucket: 'write-locks',
    prepare: async (side) => void (await text(side, 'key')),
    async write(side) {
      await change(side, 'legal-hold', legalHold('ON'))
      await change(side, 'retention', retention('2100-01-01T00:00:00Z'))
      await side.send({ method: 'DELETE', target: `${key(side)}?versionId=null` })
    },
    reads: (side) => [{ target: `${key(side)}?legal-hold` }, { target: `${key(side)}?retention` }],
  },
  {
    name: 'legal hold off',
    bucket: 'write-locks',
    async prepare(side) {
      await text(side, 'key')
      await change(side, 'legal-hold', legalHold('ON'))
    },
    write: async (side) => void (await change(side, 'legal-hold', legalHold('OFF'))),
  },
  {
    name: 'a new version',
    bucket: 'write-versions',
    prepare: async (side) => void (await text(side, 'key')),
    write: async (side) => void (await text(side, 'key', 2)),
  },
  {
    name: 'a delete marker, and off with it',
    bucket: 'write-versions',
    prepare: async (side) => void (await text(side, 'key')),
    async write(side) {
      const deleted = await side.send({ method: 'DELETE', target: key(side) })
      await side.send({ target: key(side) })
      const marker = headerValue(deleted.headers, 'x-amz-version-id') ?? ''
      await side.send({ method: 'DELETE', target: `${key(side)}?versionId=${marker}` })
    },
  },
  {
    name: 'a delete marker',
    bucket: 'write-versions',
    prepare: async (side) => void (await text(side, 'key')),
    write: async (side) => void (await side.send({ method: 'DELETE', target: key(side) })),
  },
  {
    name: 'the newest version deleted',
    bucket: 'write-versions',
    prepare: async (side) => void (await text(side, 'key')),
    async write(side) {
      const made = await text(side, 'key', 2)
      await side.send({ target: key(side) })
      const id = headerValue(made.headers, 'x-amz-version-id') ?? ''
      await side.send({ target: `${key(side)}?versionId=${id}` })
      await side.send({ method: 'DELETE', target: `${key(side)}?versionId=${id}` })
      await side.send({ target: `${key(side)}?versionId=${id}`, method: 'HEAD' })
    },
  },
  {
    name: 'tags of a version',
    bucket: 'write-versions',
    prepare: async (side) => void (await text(side, 'key')),
    async write(side) {
      const made = await text(side, 'key', 2)
      const id = headerValue(made.headers, 'x-amz-version-id') ?? ''
      await side.send({ target: `${key(side)}?versionId=${id}` })
      await side.send({ method: 'PUT', target: `${key(side)}?tagging&versionId=${id}`, body: tagging('a') })
      await side.send({ target: `${key(side)}?versionId=${id}`, method: 'HEAD' })
      await side.send({ target: `${key(side)}?versionId=${id}` })
    },
  },
  {
    name: 'a bucket that is not empty deleted',
    write: async (side) => void (await side.send({ method: 'DELETE', target: '/writes' })),
  },
  {
    name: 'a bucket that is there made',
    write: async (side) => void (await side.send({ method: 'PUT', target: '/writes' })),
  },
  {
    name: 'PUT to no bucket',
    write: async (side) => void (await side.send({ method: 'PUT', target: '/no-such-bucket/key', body: bytesOf(10) })),
  },
  {
    name: 'PUT without its sub-resource known',
    write: async (side) =>
      void (await side.send({ method: 'PUT', target: `${key(side)}?colour=red`, body: bytesOf(10) })),
  },
  {
    name: 'POST of a form',
    async write(side) {
      const folder = side.path('').split('/').slice(2).join('/')
      const { body, type } = uploadForm(side.credentials, 'writes', folder)
      await side.send({ method: 'POST', target: '/writes', auth: 'anonymous', body, headers: ['Content-Type', type] })
    },
  },
]
