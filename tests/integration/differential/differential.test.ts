import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { makeFixtures } from './harness/fixtures.ts'
import { runRead } from './harness/run-read.ts'
import { runWrite } from './harness/run-write.ts'
import { tell } from './harness/store-client.ts'
import { createVariables } from './harness/variables.ts'
import { startWorld, type World } from './harness/world.ts'
import { knownDifferences } from './known-differences.ts'
import { authorisationTable } from './tables/authorisation.ts'
import { checksumTable } from './tables/checksums.ts'
import { conditionTable } from './tables/conditions.ts'
import { encryptionTable } from './tables/encryption.ts'
import { keyTable } from './tables/keys.ts'
import { metadataTable } from './tables/metadata.ts'
import { overrideTable } from './tables/overrides.ts'
import { partTable } from './tables/parts.ts'
import { rangeTable } from './tables/ranges.ts'
import { spellingTable } from './tables/spellings.ts'
import { subresourceTable } from './tables/subresources.ts'
import { versionTable } from './tables/versions.ts'
import { bucketWrites } from './tables/writes/buckets.ts'
import { copyWrites } from './tables/writes/copies.ts'
import { objectWrites } from './tables/writes/objects.ts'
import { otherWrites } from './tables/writes/others.ts'

// Every case is sent to the store itself and, the same bytes, through proxies that hold nothing, all or a part of what
// it asks for. Nobody may be able to tell the answers apart.

const minio = inject('minio')

const tables = [
  rangeTable,
  conditionTable,
  versionTable,
  partTable,
  overrideTable,
  checksumTable,
  encryptionTable,
  metadataTable,
  keyTable,
  authorisationTable,
  subresourceTable,
  spellingTable,
]

describe.runIf(minio.kind !== 'missing')('the proxy answers as the store does', () => {
  let world: World
  const variables = createVariables()

  beforeAll(async () => {
    if (minio.kind === 'missing') return
    vi.stubEnv('MINIO_KMS_SECRET_KEY', `differential:${Buffer.alloc(32, 7).toString('base64')}`)
    world = await startWorld(minio)
    await makeFixtures(world)
  })
  afterAll(async () => {
    await world[Symbol.asyncDispose]()
    vi.unstubAllEnvs()
  })

  for (const { name: table, cases, prepare } of tables) {
    describe(table, () => {
      beforeAll(() => prepare(world, variables))
      for (const read of cases) {
        test(read.name, async () => {
          const found = await runRead(world, variables, read, knownDifferences.get(`${table}: ${read.name}`))
          expect(found, found.join('\n')).toEqual([])
        })
      }
    })
  }

  describe('writes', () => {
    beforeAll(async () => {
      const versioning = Buffer.from('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>')
      await tell(world, { method: 'PUT', target: '/writes' })
      await tell(world, { method: 'PUT', target: '/write-versions' })
      await tell(world, { method: 'PUT', target: '/write-versions?versioning', body: versioning })
      await tell(world, {
        method: 'PUT',
        target: '/write-locks',
        headers: ['x-amz-bucket-object-lock-enabled', 'true'],
      })
    })
    for (const write of [...objectWrites, ...copyWrites, ...bucketWrites, ...otherWrites]) {
      test(write.name, async () => {
        const found = await runWrite(world, write)
        expect(found, found.join('\n')).toEqual([])
      })
    }
  })

  test('every known difference names a case, and no two cases share a name', () => {
    const names = tables.flatMap(({ name: table, cases }) => cases.map(({ name }) => `${table}: ${name}`))
    expect(names.length).toBe(new Set(names).size)
    expect([...knownDifferences.keys()].filter((name) => !names.includes(name))).toEqual([])
  })
})
