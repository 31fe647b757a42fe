import { bytesOf, publicPolicy, textHeaders } from '../../harness/fixtures.ts'
import type { Side, WriteCase } from '../../harness/write-case.ts'

const put = (side: Side, key: string, seed = 1) =>
  side.send({ method: 'PUT', target: `/${side.ownBucket}/${key}`, body: bytesOf(1000, seed), headers: textHeaders })

async function makeBucket(side: Side): Promise<void> {
  await side.send({ method: 'PUT', target: `/${side.ownBucket}` })
  await put(side, 'key')
  await put(side, 'folder/a')
  await put(side, 'folder/b')
}

/** A bucket with objects of which some are cached, and what becomes of them. */
function ofBucket(more: Pick<WriteCase, 'name' | 'write'> & Partial<WriteCase>): WriteCase {
  return {
    prepare: makeBucket,
    keys: [],
    reads: ({ ownBucket }) => [
      { target: `/${ownBucket}/key` },
      { target: `/${ownBucket}/key`, method: 'HEAD' },
      { target: `/${ownBucket}/folder/a` },
      { target: `/${ownBucket}?list-type=2` },
    ],
    ...more,
  }
}

/** Also takes what is inside: a bucket's objects, or all that begin with a key. Known to MinIO alone. */
const force = ['x-minio-force-delete', 'true']

/** What befalls whole buckets. */
export const bucketWrites: readonly WriteCase[] = [
  ofBucket({
    name: 'a bucket deleted with all in it',
    write: async (side) => void (await side.send({ method: 'DELETE', target: `/${side.ownBucket}`, headers: force })),
  }),
  ofBucket({
    name: 'a bucket deleted with all in it, and made again',
    async write(side) {
      await side.send({ method: 'DELETE', target: `/${side.ownBucket}`, headers: force })
      await side.send({ method: 'PUT', target: `/${side.ownBucket}` })
      await put(side, 'key', 2)
    },
  }),
  ofBucket({
    name: 'a folder deleted with all in it',
    write: async (side) =>
      void (await side.send({ method: 'DELETE', target: `/${side.ownBucket}/folder/`, headers: force })),
  }),
  ofBucket({
    name: 'versions kept from now on',
    async write(side) {
      const body = Buffer.from('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>')
      await side.send({ method: 'PUT', target: `/${side.ownBucket}?versioning`, body })
      await put(side, 'key', 2)
    },
  }),
  ofBucket({
    name: 'a policy taken off',
    // Who may read is not known to the proxy in the other mode.
    modes: ['s3'],
    async prepare(side) {
      await makeBucket(side)
      const body = Buffer.from(publicPolicy(side.ownBucket))
      await side.send({ method: 'PUT', target: `/${side.ownBucket}?policy`, body })
    },
    write: async (side) => void (await side.send({ method: 'DELETE', target: `/${side.ownBucket}?policy` })),
    reads: ({ ownBucket }) => [
      { target: `/${ownBucket}/key`, auth: 'anonymous' },
      { target: `/${ownBucket}/key`, auth: 'anonymous', headers: ['Range', 'bytes=50-150'] },
      { target: `/${ownBucket}/key` },
    ],
  }),
]
