import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cacheKey } from './cache-key.ts'
import { createRouter, type RouteMatch } from './route-table.ts'

const stores = [
  { name: 'minio.local:9000', scheme: 'http' },
  { name: 'special.minio.local:9000', scheme: 'http' },
  { name: 'minio.local:9001', scheme: 'http' },
  { name: 's3.example.com', scheme: 'https' },
  { name: 'alias.example.com', scheme: 'https', endpoint: 's3.example.com:443' },
  { name: 'plain.example.com', scheme: 'http' },
  { name: '127.0.0.1:9000', scheme: 'http' },
  { name: '[::1]:9000', scheme: 'http' },
  { name: 'inner.internal:8080', scheme: 'http', endpoint: '10.0.0.5:9000' },
] as const

const router = createRouter({ stores })

function match(host: string, target: string): RouteMatch {
  return router.match({ method: 'GET', target, headers: ['Accept', '*/*', 'Host', host] })
}

/** `namespace bucket key`, with the key in quotes, or what else came. */
function address(host: string, target: string): string {
  const result = match(host, target)
  if (result.kind === 'refused') return `refused ${result.code}`
  const { address: found } = result.route
  switch (found.kind) {
    case 'service':
      return found.namespace
    case 'bucket':
      return `${found.namespace} ${found.bucket}`
    case 'object':
      return `${found.namespace} ${found.bucket} ${JSON.stringify(found.key)}`
    case 'uncacheable':
      return `uncacheable ${found.reason}`
  }
}

const s3 = 's3.us-east-1.amazonaws.com'
const photos = `photos.${s3}`

describe('match: paths', () => {
  it.each([
    [s3, '/', 'aws'],
    [s3, '/?x', 'aws'],
    [s3, '/photos', 'aws photos'],
    [s3, '/photos/', 'aws photos'],
    [s3, '/photos?list-type=2', 'aws photos'],
    [s3, '/photos/?list-type=2', 'aws photos'],
    [s3, '/photos/a', 'aws photos "a"'],
    [s3, '/photos//', 'aws photos "/"'],
    [s3, '/photos//a', 'aws photos "/a"'],
    [s3, '/photos/a//b/', 'aws photos "a//b/"'],
    [s3, '/photos/../other/a', 'aws photos "../other/a"'],
    [s3, '/photos/%2e%2E/.', 'aws photos "../."'],
    [s3, '/photos/a%2Fb', 'aws photos "a/b"'],
    [s3, '/photos/a%252Fb', 'aws photos "a%2Fb"'],
    [s3, '/photos/a+b%20c', 'aws photos "a+b c"'],
    [s3, '/photos/%', 'aws photos "%"'],
    [s3, '/photos/%zz%4', 'aws photos "%zz%4"'],
    [s3, '/photos/%3Fx%23', 'aws photos "?x#"'],
    [s3, '/photos/health', 'aws photos "health"'],
    [s3, '/%70hotos/a', 'aws photos "a"'],
    [s3, '/Legacy_Bucket/a', 'aws Legacy_Bucket "a"'],
    [photos, '/', 'aws photos'],
    [photos, '/?acl', 'aws photos'],
    [photos, '/acl', 'aws photos "acl"'],
    [photos, '//', 'aws photos "/"'],
    [photos, '//key', 'aws photos "/key"'],
    [photos, '/photos/a', 'aws photos "photos/a"'],
    [photos, '/..', 'aws photos ".."'],
    [photos, '/a%00b', 'aws photos "a\\u0000b"'],
    [photos, `/${'k'.repeat(1025)}`, `aws photos "${'k'.repeat(1025)}"`],
  ])('%s %s is %s', (host, target, expected) => expect(address(host, target)).toBe(expected))

  it.each([
    '//a',
    '//',
    '/./a',
    '/../a',
    '/%2e%2e/a',
    '/%2E',
    '/a%2Fb/c',
    '/a%5Cb',
    '/a%00/b',
    '/a%0D%0A/b',
    `/${'b'.repeat(256)}/a`,
  ])('refuses the bucket of path-style %s', (target) => expect(address(s3, target)).toBe('refused InvalidRequest'))
})

describe('match: namespaces', () => {
  it.each([
    's3.amazonaws.com',
    's3-external-1.amazonaws.com',
    's3-us-west-2.amazonaws.com',
    's3.eu-west-1.amazonaws.com',
    's3-fips.dualstack.us-east-1.amazonaws.com',
    's3-accelerate.amazonaws.com',
    'bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com',
  ])('one object has one address through %s', (host) => {
    expect(address(host, '/my.photos/a')).toBe('aws my.photos "a"')
    expect(address(`my.photos.${host}`, '/a')).toBe('aws my.photos "a"')
  })

  it.each([
    ['photos.s3.cn-north-1.amazonaws.com.cn', 'aws-cn photos "a"'],
    ['photos.s3.us-gov-west-1.amazonaws.com', 'aws-us-gov photos "a"'],
    ['ap1-123456789012.s3-accesspoint.us-east-1.amazonaws.com', 'aws:ap:us-east-1:123456789012 ap1 "a"'],
    ['ap1-123456789012.s3-accesspoint.dualstack.us-east-1.amazonaws.com', 'aws:ap:us-east-1:123456789012 ap1 "a"'],
    [
      'ap1-123456789012.accesspoint.vpce-1a-2b.s3.us-east-1.vpce.amazonaws.com',
      'aws:ap:us-east-1:123456789012 ap1 "a"',
    ],
    ['ap1-123456789012.s3-accesspoint.us-west-2.amazonaws.com', 'aws:ap:us-west-2:123456789012 ap1 "a"'],
    ['ap1-210987654321.s3-accesspoint.us-east-1.amazonaws.com', 'aws:ap:us-east-1:210987654321 ap1 "a"'],
    ['ap1-x1-s3alias.s3.us-east-1.amazonaws.com', 'aws:ap-alias ap1-x1-s3alias "a"'],
    ['abc.mrap.accesspoint.s3-global.amazonaws.com', 'aws:mrap abc "a"'],
    ['abc.accesspoint.s3-global.amazonaws.com', 'aws:mrap abc "a"'],
    ['b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com', 'aws:express b--use1-az4--x-s3 "a"'],
    ['t--table-s3.s3.us-east-1.amazonaws.com', 'aws t--table-s3 "a"'],
    ['olap-123456789012.s3-object-lambda.us-east-1.amazonaws.com', 'uncacheable object-lambda'],
    ['olap-x--ol-s3.s3.us-east-1.amazonaws.com', 'uncacheable object-lambda'],
    ['ap1-123456789012.op-1a.s3-outposts.us-east-1.amazonaws.com', 'uncacheable outposts'],
    ['123456789012.s3-control.us-east-1.amazonaws.com', 'uncacheable control-plane'],
    ['s3express-control.us-east-1.amazonaws.com', 'uncacheable control-plane'],
    ['photos.s3-website-us-east-1.amazonaws.com', 'uncacheable website'],
  ])('%s is %s', (host, expected) => expect(address(host, '/a')).toBe(expected))

  it.each([
    ['/ap1-x1-s3alias/a', 'aws:ap-alias ap1-x1-s3alias "a"'],
    ['/olap-x--ol-s3/a', 'uncacheable object-lambda'],
    ['/ap-x--op-s3/a', 'uncacheable outposts'],
  ])('aliases keep their meaning in the path: %s is %s', (target, expected) =>
    expect(address(s3, target)).toBe(expected),
  )
})

describe('match: stores', () => {
  it.each([
    ['minio.local:9000', '/photos/a', 'store:minio.local:9000 photos "a"'],
    ['MinIO.Local:9000', '/photos/a', 'store:minio.local:9000 photos "a"'],
    ['minio.local.:9000', '/photos/a', 'store:minio.local:9000 photos "a"'],
    ['photos.minio.local:9000', '/a', 'store:minio.local:9000 photos "a"'],
    ['my.photos.minio.local:9000', '/a', 'store:minio.local:9000 my.photos "a"'],
    ['minio.local:9001', '/photos/a', 'store:minio.local:9001 photos "a"'],
    ['special.minio.local:9000', '/photos/a', 'store:special.minio.local:9000 photos "a"'],
    ['x.special.minio.local:9000', '/a', 'store:special.minio.local:9000 x "a"'],
    ['special.minio.local:9001', '/a', 'store:minio.local:9001 special "a"'],
    ['minio.local', '/photos/a', 'refused AccessDenied'],
    ['photos.minio.local:9002', '/a', 'refused AccessDenied'],
    ['s3.example.com', '/photos/a', 'store:s3.example.com:443 photos "a"'],
    ['s3.example.com:443', '/photos/a', 'store:s3.example.com:443 photos "a"'],
    ['photos.s3.example.com:443', '/a', 'store:s3.example.com:443 photos "a"'],
    ['s3.example.com:80', '/photos/a', 'refused AccessDenied'],
    ['alias.example.com', '/photos/a', 'store:s3.example.com:443 photos "a"'],
    ['plain.example.com:80', '/photos/a', 'store:plain.example.com:80 photos "a"'],
    ['plain.example.com', '/photos/a', 'store:plain.example.com:80 photos "a"'],
    ['127.0.0.1:9000', '/photos/a', 'store:127.0.0.1:9000 photos "a"'],
    ['[::1]:9000', '/photos/a', 'store:[::1]:9000 photos "a"'],
    ['[0:0:0:0:0:0:0:1]:9000', '/photos/a', 'store:[::1]:9000 photos "a"'],
    ['photos.127.0.0.1:9000', '/a', 'refused InvalidRequest'],
    ['photos.inner.internal:8080', '/a', 'store:10.0.0.5:9000 photos "a"'],
    ['x-s3alias.minio.local:9000', '/a', 'store:minio.local:9000 x-s3alias "a"'],
    ['minio.local:9000', '/../a', 'refused InvalidRequest'],
  ])('%s %s is %s', (host, target, expected) => expect(address(host, target)).toBe(expected))

  it('connects to the endpoint and sends the Host of the client', () => {
    expect(match('photos.inner.internal:8080', '/a?b')).toMatchObject({
      route: {
        origin: { scheme: 'http', hostname: '10.0.0.5', port: 9000 },
        authority: 'photos.inner.internal:8080',
        target: '/a?b',
        path: '/a',
        query: 'b',
      },
    })
  })

  it('lets a store take over a name of AWS', () => {
    const local = createRouter({ stores: [{ name: s3, scheme: 'http', endpoint: '127.0.0.1:4566' }] })
    expect(local.match({ method: 'GET', target: '/k', headers: ['host', photos] })).toMatchObject({
      route: { origin: { scheme: 'http', hostname: '127.0.0.1', port: 4566 }, address: { bucket: 'photos', key: 'k' } },
    })
  })

  it.each([
    [[{ name: '', scheme: 'http' }]],
    [[{ name: 'http://minio', scheme: 'http' }]],
    [[{ name: 'minio:0', scheme: 'http' }]],
    [[{ name: 'minio', scheme: 'http', endpoint: 'a b' }]],
    [
      [
        { name: 'minio', scheme: 'http' },
        { name: 'MINIO.:80', scheme: 'http' },
      ],
    ],
    [
      [
        { name: 'minio', scheme: 'http' },
        { name: 'minio', scheme: 'https' },
      ],
    ],
  ] as const)('throws for stores that cannot be: %j', (bad) => {
    expect(() => createRouter({ stores: bad })).toThrow(TypeError)
  })
})

describe('match: the way upstream', () => {
  it.each([
    [photos, 'https', photos, 443],
    [`${photos}:80`, 'https', photos, 443],
    [`${photos}:8080`, 'https', photos, 443],
    [photos.toUpperCase(), 'https', photos, 443],
    [`${photos}.`, 'https', photos, 443],
    ['photos.s3-website-us-east-1.amazonaws.com', 'http', 'photos.s3-website-us-east-1.amazonaws.com', 80],
    ['photos.minio.local:9000', 'http', 'minio.local', 9000],
    ['[0::1]:9000', 'http', '::1', 9000],
  ])('%s leads to %s %s %i', (host, scheme, hostname, port) => {
    const result = match(host, '/photos/a')
    expect(result).toMatchObject({ kind: 'route', route: { authority: host, origin: { scheme, hostname, port } } })
  })

  it('takes path and query of an absolute-form target byte for byte', () => {
    expect(match(photos, `http://${photos}/a/../b%2Fc//?x=%2F&y#`.slice(0, -1))).toMatchObject({
      kind: 'route',
      route: { target: '/a/../b%2Fc//?x=%2F&y', path: '/a/../b%2Fc//', query: 'x=%2F&y' },
    })
    expect(match(s3, `http://${s3}?x`)).toMatchObject({ route: { target: '/?x', path: '/', query: 'x' } })
    expect(match(s3, `http://${s3}`)).toMatchObject({ route: { target: '/', path: '/', query: '' } })
    expect(match(s3, '/?')).toMatchObject({ route: { target: '/?', path: '/', query: '' } })
  })

  it.each([
    [`http://${photos}/a`, photos, 'route'],
    [`http://${photos}/a`, photos.toUpperCase(), 'route'],
    [`http://${photos}:80/a`, photos, 'route'],
    [`https://${photos}/a`, `${photos}:443`, 'route'],
    [`http://${photos}:443/a`, photos, 'InvalidRequest'],
    [`http://${photos}/a`, s3, 'InvalidRequest'],
    [`http://${photos}:81/a`, `${photos}:82`, 'InvalidRequest'],
    [`http://user@${photos}/a`, photos, 'InvalidRequest'],
    ['http://minio.local:9000/b/a', 'minio.local:9000', 'route'],
    ['http://evil.example/b/a', 'minio.local:9000', 'InvalidRequest'],
    ['http://evil.example/b/a', 'evil.example', 'AccessDenied'],
  ])('%s with Host %s: %s', (target, host, expected) => {
    const result = match(host, target)
    expect(result.kind === 'refused' ? result.code : result.kind).toBe(expected)
  })
})

describe('match: refusals', () => {
  it.each([
    [[], '/', 'MissingHostHeader'],
    [[], `http://${s3}/`, 'MissingHostHeader'],
    [['Host', ''], '/', 'InvalidRequest'],
    [['Host', s3, 'hOST', s3], '/', 'InvalidRequest'],
    [['Host', `${s3}, ${s3}`], '/', 'InvalidRequest'],
    [['Host', 'a b'], '/', 'InvalidRequest'],
    [['Host', '::1'], '/', 'InvalidRequest'],
    [['Host', s3], '', 'InvalidURI'],
    [['Host', s3], 'photos/a', 'InvalidURI'],
    [['Host', s3], '/a b', 'InvalidURI'],
    [['Host', s3], '/a#b', 'InvalidURI'],
    [['Host', s3], 'ftp://x/y', 'InvalidURI'],
    [['Host', s3], '*', 'InvalidRequest'],
    [['Host', s3], `${s3}:443`, 'InvalidRequest'],
    [['Host', 'sts.amazonaws.com'], '/', 'AccessDenied'],
    [['Host', 'localhost'], '/', 'AccessDenied'],
    [['Host', '169.254.169.254'], '/latest/meta-data', 'AccessDenied'],
    [['Host', '[fd00:ec2::254]'], '/', 'AccessDenied'],
  ])('%j %s: %s', (headers, target, code) => {
    expect(router.match({ method: 'GET', target, headers })).toMatchObject({ kind: 'refused', code })
  })

  it('says what to configure', () => {
    const result = match('Files.Example.org:9000', '/b/k')
    expect(result).toMatchObject({ reason: expect.stringContaining('upstream.stores') })
    expect(result).toMatchObject({ reason: expect.stringContaining('files.example.org:9000') })
  })

  it('does not look into other headers', () => {
    const headers = ['X-Forwarded-Host', 'evil.example', 'Host', photos, 'Forwarded', 'host=evil.example']
    expect(router.match({ method: 'GET', target: '/a', headers })).toMatchObject({ route: { authority: photos } })
  })
})

describe('match: properties', () => {
  const segment = fc.string({ unit: fc.constantFrom('a', '.', '/', '%', '2', 'F', '+', '\u00ff', '?', '&', '\\') })

  it('answers for any head', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string({ unit: 'binary' })), (target, headers) => {
        expect(router.match({ method: 'GET', target, headers }).kind).toBe('refused')
        expect(router.match({ method: 'GET', target: `/b/${target}`, headers: ['Host', s3] }).kind).toBeTypeOf('string')
      }),
    )
  })

  it('answers a host it remembers as it did the first time', () => {
    const forgetful = createRouter({ stores, maxRememberedHosts: 2 })
    const hosts = fc.constantFrom(photos, s3, 'minio.local:9000', 'x.minio.local:9000', 'evil.example', 'a b')
    fc.assert(
      fc.property(fc.array(fc.tuple(hosts, segment), { maxLength: 20 }), (requests) => {
        for (const [host, text] of requests) {
          const head = { method: 'GET', target: `/b/${text}`, headers: ['Host', host] }
          const fresh = createRouter({ stores }).match(head)
          expect(forgetful.match(head)).toEqual(fresh)
          expect(forgetful.match(head)).toEqual(fresh)
        }
      }),
    )
  })

  it('gives every spelling of an object one key, in either style', () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(key, fc.infiniteStream(fc.nat(2)), (bytes, choices) => {
        const spell = () => Array.from(bytes, (byte) => spelling(byte, choices.next().value)).join('')
        const keys = [match(s3, `/photos/${spell()}`), match(photos, `/${spell()}`), match(photos, `/${spell()}`)].map(
          keyOf,
        )
        expect(new Set(keys).size).toBe(1)
        expect(keys[0]).toBe(
          cacheKey({ namespace: 'aws', bucket: 'photos', key: Buffer.from(bytes).toString('latin1') }),
        )
      }),
    )
  })

  it('never gives two objects one key', () => {
    const hosts = fc.constantFrom(s3, photos, 'minio.local:9000', 'photos.minio.local:9000', 'minio.local:9001')
    const request = fc.record({
      host: hosts,
      bucket: fc.constantFrom('photos', 'a'),
      key: fc.stringMatching(/^[a-z/]{1,3}$/),
    })
    const identity = ({ host, bucket, key }: { host: string; bucket: string; key: string }) =>
      host.startsWith('photos.') ? `${host.slice(7)} photos ${bucket}/${key}` : `${host} ${bucket} ${key}`
    fc.assert(
      fc.property(request, request, (a, b) => {
        const keyA = keyOf(match(a.host, `/${a.bucket}/${a.key}`))
        const keyB = keyOf(match(b.host, `/${b.bucket}/${b.key}`))
        expect(keyA === keyB).toBe(identity(a) === identity(b))
      }),
      { numRuns: 1000 },
    )
  })
})

function keyOf(result: RouteMatch): string {
  if (result.kind === 'refused' || result.route.address.kind !== 'object') throw new Error(JSON.stringify(result))
  return cacheKey(result.route.address)
}

/** One of the ways to write a byte in a path. */
function spelling(byte: number, choice: number): string {
  const hex = byte.toString(16).padStart(2, '0')
  const plain = String.fromCharCode(byte)
  const needsEscape = byte <= 0x20 || byte === 0x7f || '%?#'.includes(plain)
  if (choice === 0) return `%${hex.toUpperCase()}`
  if (choice === 1 || needsEscape) return `%${hex}`
  return plain
}
