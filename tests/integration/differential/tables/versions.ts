import { headerValue } from '@s3proxy/protocol'
import { bytesOf, textHeaders } from '../harness/fixtures.ts'
import { type Row, readCases } from '../harness/read-case.ts'
import type { ReadTable } from '../harness/read-table.ts'
import { tell } from '../harness/store-client.ts'

const getAndHead = ['GET', 'HEAD'] as const

/** Reads of versions: the current one, old ones, delete markers, `null`, and versions that are not there. */
export const versionTable: ReadTable = {
  name: 'versions',
  async prepare(world, variables) {
    await tell(world, { method: 'PUT', target: '/versions' })
    const put = (key: string, seed: number) =>
      tell(world, { method: 'PUT', target: `/versions/${key}`, body: bytesOf(1000, seed), headers: textHeaders })
    await put('text', 1)
    const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
    await tell(world, { method: 'PUT', target: '/versions?versioning', body: Buffer.from(versioning) })
    const remember = async (name: string, made: ReturnType<typeof tell>): Promise<void> => {
      variables.set(name, headerValue((await made).headers, 'x-amz-version-id') ?? '')
    }
    await remember('v1', put('text', 2))
    await remember('v2', put('text', 3))
    await remember('gone', put('deleted', 4))
    await remember('marker', tell(world, { method: 'DELETE', target: '/versions/deleted' }))
  },
  cases: readCases({ target: '/versions/text', answeredBy: 'cache' }, [
    ...getAndHead.flatMap((method): Row[] => [
      { name: `${method} current`, method },
      { name: `${method} current by id`, method, target: '/versions/text?versionId={v2}' },
      { name: `${method} old`, method, target: '/versions/text?versionId={v1}' },
      { name: `${method} null`, method, target: '/versions/text?versionId=null', answeredBy: 'store' },
      {
        name: `${method} null of an unversioned bucket`,
        method,
        target: '/plain/text?versionId=null',
        answeredBy: 'store',
      },
      {
        name: `${method} id without a value`,
        method,
        target: '/versions/text?versionId',
        answeredBy: 'store',
      },
      {
        name: `${method} id with an empty value`,
        method,
        target: '/versions/text?versionId=',
        answeredBy: 'store',
      },
      { name: `${method} deleted`, method, target: '/versions/deleted', answeredBy: 'store' },
      { name: `${method} deleted, version before`, method, target: '/versions/deleted?versionId={gone}' },
      {
        name: `${method} delete marker by id`,
        method,
        target: '/versions/deleted?versionId={marker}',
        answeredBy: 'store',
      },
      {
        name: `${method} unknown id`,
        method,
        target: '/versions/text?versionId=0b4f5a1e-0000-4000-8000-000000000000',
        answeredBy: 'store',
      },
      {
        name: `${method} malformed id`,
        method,
        target: '/versions/text?versionId=not-a-version',
        answeredBy: 'store',
      },
      {
        name: `${method} id of another key`,
        method,
        target: '/versions/text?versionId={gone}',
        answeredBy: 'store',
      },
      {
        name: `${method} old, range`,
        method,
        target: '/versions/text?versionId={v1}',
        headers: ['Range', 'bytes=50-150'],
      },
      {
        name: `${method} old, unsatisfiable range`,
        method,
        target: '/versions/text?versionId={v1}',
        headers: ['Range', 'bytes=1000-'],
      },
      { name: `${method} old with x-id`, method, target: '/versions/text?versionId={v1}&x-id=GetObject' },
      {
        name: `${method} old presigned`,
        method,
        target: '/versions/text?versionId={v1}',
        auth: 'presigned-v4',
      },
      {
        name: `${method} old, part 1`,
        method,
        target: '/versions/text?partNumber=1&versionId={v1}',
        ...(method === 'GET' ? { answeredBy: 'cache', learns: true } : { answeredBy: 'store' }),
      },
    ]),
    { name: 'GET two ids', target: '/versions/text?versionId={v1}&versionId={v2}', answeredBy: 'store' },
    { name: 'GET current, If-None-Match of the old one', headers: ['If-None-Match', '"0123"'], answeredBy: 'network' },
  ]),
}
