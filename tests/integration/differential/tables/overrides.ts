import { type Row, readCases } from '../harness/read-case.ts'
import type { ReadTable } from '../harness/read-table.ts'

const target = '/plain/text'

const overrides = [
  'response-content-type=application%2Fjson',
  'response-content-language=fr',
  'response-expires=Thu%2C%2001%20Dec%202033%2016%3A00%3A00%20GMT',
  'response-cache-control=no-cache',
  'response-content-disposition=inline%3B%20filename%3D%22b.txt%22',
  'response-content-encoding=identity',
  'response-content-type=text%2Fhtml&response-cache-control=no-store&response-content-language=it',
] as const

/** Overrides of which only the store can say what they mean. */
const unclear = [
  'response-content-type=',
  'response-content-type',
  'response-content-type=a%2Bb',
  'response-content-disposition=filename%3D%22na%C3%AFve.txt%22',
  'response-content-type=a%0D%0Ax-injected%3A%201',
  'response-content-type=a&response-content-type=b',
  'Response-Content-Type=a%2Fb',
  'response-etag=%22x%22',
  'response-x-amz-meta-colour=red',
] as const

/** `response-*` parameters: they change the answer's headers and must not stick to what is cached. */
export const overrideTable: ReadTable = {
  name: 'overrides',
  prepare: async () => undefined,
  cases: readCases({ answeredBy: 'cache' }, [
    ...overrides.flatMap((query): Row[] => [
      { name: `GET ${query}`, target: `${target}?${query}` },
      { name: `HEAD ${query}`, target: `${target}?${query}`, method: 'HEAD' },
      { name: `GET presigned ${query}`, target: `${target}?${query}`, auth: 'presigned-v4' },
    ]),
    ...unclear.flatMap((query): Row[] => [
      { name: `GET ${query}`, target: `${target}?${query}`, answeredBy: 'store' },
      { name: `HEAD ${query}`, target: `${target}?${query}`, method: 'HEAD', answeredBy: 'store' },
    ]),
    ...overrides.slice(0, 2).flatMap((query): Row[] => [
      { name: `GET presigned v2 ${query}`, target: `${target}?${query}`, auth: 'presigned-v2' },
      { name: `GET range ${query}`, target: `${target}?${query}`, headers: ['Range', 'bytes=50-150'] },
      {
        name: `GET not modified ${query}`,
        target: `${target}?${query}`,
        headers: ['If-None-Match', '{etag}'],
        answeredBy: 'network',
      },
      {
        name: `GET anonymous ${query}`,
        target: `/public/text?${query}`,
        auth: 'anonymous',
        answeredBy: 'asked',
      },
      { name: `GET of a missing key ${query}`, target: `/plain/missing?${query}`, answeredBy: 'store' },
    ]),
    {
      name: 'GET response-content-type=a+b',
      target: '/public/text?response-content-type=a+b',
      auth: 'anonymous',
      answeredBy: 'store',
    },
    { name: 'GET with x-id', target: `${target}?x-id=GetObject`, answeredBy: 'cache' },
    { name: 'GET with an unknown parameter', target: `${target}?colour=blue`, answeredBy: 'store' },
    { name: 'GET with an empty query', target: `${target}?`, answeredBy: 'cache' },
  ]),
}
