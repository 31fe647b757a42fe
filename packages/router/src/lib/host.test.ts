import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HostForm, parseHost } from './host.ts'
import { hostForms } from './host-forms.ts'

/** One line per form: what it is, where it lies, which door it is. */
function summary(form: HostForm): string {
  switch (form.kind) {
    case 'malformed':
      return 'malformed'
    case 'unknown':
      return 'unknown'
    case 'ip':
      return `ipv${form.family} ${form.hostname}`
  }
  const flags = [form.fips ? 'fips' : '', form.dualStack ? 'dual' : ''].filter((flag) => flag !== '')
  return [form.kind, ...subject(form), form.partition, form.region ?? '-', form.endpoint, ...flags].join(' ')
}

function subject(form: Exclude<HostForm, { kind: 'malformed' | 'unknown' | 'ip' }>): string[] {
  switch (form.kind) {
    case 'path-style':
      return form.zone === undefined ? [] : [form.zone]
    case 'virtual-hosted':
      return [form.bucket, ...(form.bucketKind === 'general-purpose' ? [] : [`(${form.bucketKind})`])]
    case 'access-point':
      return [`${form.account}/${form.name}`]
    case 'multi-region-access-point':
      return [form.alias]
    case 'object-lambda':
      return form.accessPoint === undefined ? [] : [`${form.accessPoint.account}/${form.accessPoint.name}`]
    case 'outposts':
      return [form.outpost, form.alias ?? `${form.accessPoint?.account}/${form.accessPoint?.name}`]
    case 'control':
      return form.account === undefined ? [] : [form.account]
    case 'website':
      return form.bucket === undefined ? [] : [form.bucket]
  }
}

const vpce = 'vpce-1a2b3c4d-5e6f'

const forms: Record<string, readonly (readonly [host: string, expected: string])[]> = {
  'path style': [
    ['s3.us-east-1.amazonaws.com', 'path-style aws us-east-1 regional'],
    ['s3.ap-southeast-5.amazonaws.com', 'path-style aws ap-southeast-5 regional'],
    ['s3-us-west-2.amazonaws.com', 'path-style aws us-west-2 dash-region'],
    ['s3.amazonaws.com', 'path-style aws - global'],
    ['s3-external-1.amazonaws.com', 'path-style aws us-east-1 global'],
    ['s3.dualstack.eu-west-1.amazonaws.com', 'path-style aws eu-west-1 regional dual'],
    ['s3-fips.us-east-1.amazonaws.com', 'path-style aws us-east-1 regional fips'],
    ['s3-fips.dualstack.us-east-1.amazonaws.com', 'path-style aws us-east-1 regional fips dual'],
  ],
  'virtual-hosted': [
    ['photos.s3.us-east-1.amazonaws.com', 'virtual-hosted photos aws us-east-1 regional'],
    ['my.photos.2024.s3.us-east-1.amazonaws.com', 'virtual-hosted my.photos.2024 aws us-east-1 regional'],
    ['photos.s3-us-west-2.amazonaws.com', 'virtual-hosted photos aws us-west-2 dash-region'],
    ['photos.s3.amazonaws.com', 'virtual-hosted photos aws - global'],
    ['my.photos.s3.amazonaws.com', 'virtual-hosted my.photos aws - global'],
    ['photos.s3-external-1.amazonaws.com', 'virtual-hosted photos aws us-east-1 global'],
    ['photos.s3.dualstack.eu-west-1.amazonaws.com', 'virtual-hosted photos aws eu-west-1 regional dual'],
    ['photos.s3-fips.us-east-1.amazonaws.com', 'virtual-hosted photos aws us-east-1 regional fips'],
    ['photos.s3-fips.dualstack.us-east-1.amazonaws.com', 'virtual-hosted photos aws us-east-1 regional fips dual'],
    ['photos.s3-accelerate.amazonaws.com', 'virtual-hosted photos aws - accelerate'],
    ['photos.s3-accelerate.dualstack.amazonaws.com', 'virtual-hosted photos aws - accelerate dual'],
    ['photos.s3-accelerate.dualstack.us-east-1.amazonaws.com', 'virtual-hosted photos aws us-east-1 accelerate dual'],
    ['old_bucket.s3.us-east-1.amazonaws.com', 'virtual-hosted old_bucket aws us-east-1 regional'],
  ],
  'buckets named like parts of hosts': [
    ['s3.s3.us-east-1.amazonaws.com', 'virtual-hosted s3 aws us-east-1 regional'],
    ['us-west-2.s3.us-east-1.amazonaws.com', 'virtual-hosted us-west-2 aws us-east-1 regional'],
    ['us-west-2.s3.amazonaws.com', 'virtual-hosted us-west-2 aws - global'],
    ['s3.us-west-2.s3.amazonaws.com', 'virtual-hosted s3.us-west-2 aws - global'],
    ['s3.dualstack.s3.us-east-1.amazonaws.com', 'virtual-hosted s3.dualstack aws us-east-1 regional'],
    ['s3-accelerate.s3-us-west-2.amazonaws.com', 'virtual-hosted s3-accelerate aws us-west-2 dash-region'],
    [`bucket.${vpce}.s3.us-east-1.amazonaws.com`, `virtual-hosted bucket.${vpce} aws us-east-1 regional`],
    ['amazonaws.com.s3.amazonaws.com', 'virtual-hosted amazonaws.com aws - global'],
  ],
  'other partitions': [
    ['photos.s3.us-gov-west-1.amazonaws.com', 'virtual-hosted photos aws-us-gov us-gov-west-1 regional'],
    ['photos.s3-us-gov-west-1.amazonaws.com', 'virtual-hosted photos aws-us-gov us-gov-west-1 dash-region'],
    ['s3-fips-us-gov-west-1.amazonaws.com', 'path-style aws-us-gov us-gov-west-1 dash-region fips'],
    ['s3-fips.dualstack.us-gov-east-1.amazonaws.com', 'path-style aws-us-gov us-gov-east-1 regional fips dual'],
    ['s3.cn-north-1.amazonaws.com.cn', 'path-style aws-cn cn-north-1 regional'],
    [
      'photos.s3.dualstack.cn-northwest-1.amazonaws.com.cn',
      'virtual-hosted photos aws-cn cn-northwest-1 regional dual',
    ],
    ['photos.s3.eusc-de-east-1.amazonaws.eu', 'virtual-hosted photos aws-eusc eusc-de-east-1 regional'],
    ['photos.s3.us-iso-east-1.c2s.ic.gov', 'virtual-hosted photos aws-iso us-iso-east-1 regional'],
    ['photos.s3.us-isob-east-1.sc2s.sgov.gov', 'virtual-hosted photos aws-iso-b us-isob-east-1 regional'],
    ['photos.s3.eu-isoe-west-1.cloud.adc-e.uk', 'virtual-hosted photos aws-iso-e eu-isoe-west-1 regional'],
    ['photos.s3.us-isof-south-1.csp.hci.ic.gov', 'virtual-hosted photos aws-iso-f us-isof-south-1 regional'],
    ['s3.amazonaws.com.cn', 'path-style aws-cn - global'],
    ['s3.cn-north-1.amazonaws.com', 'unknown'],
    ['s3.us-east-1.amazonaws.com.cn', 'unknown'],
    ['s3.us-east-1.c2s.ic.gov', 'unknown'],
  ],
  'S3 Express One Zone': [
    [
      'base--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com',
      'virtual-hosted base--use1-az4--x-s3 (directory) aws us-east-1 zonal',
    ],
    [
      'base--usw2-lax1-az1--x-s3.s3express-fips-usw2-lax1-az1.dualstack.us-west-2.amazonaws.com',
      'virtual-hosted base--usw2-lax1-az1--x-s3 (directory) aws us-west-2 zonal fips dual',
    ],
    [
      'ap--use1-az4--xa-s3.s3express-use1-az4.us-east-1.amazonaws.com',
      'virtual-hosted ap--use1-az4--xa-s3 (directory-access-point) aws us-east-1 zonal',
    ],
    ['s3express-use1-az4.us-east-1.amazonaws.com', 'path-style use1-az4 aws us-east-1 zonal'],
    ['s3express-control.us-east-1.amazonaws.com', 'control aws us-east-1 regional'],
    ['s3express-control-fips.dualstack.us-east-1.amazonaws.com', 'control aws us-east-1 regional fips dual'],
    ['s3express-.us-east-1.amazonaws.com', 'unknown'],
    ['base--use1-az4--x-s3.s3express.us-east-1.amazonaws.com', 'unknown'],
  ],
  'access points': [
    [
      'finance-123456789012.s3-accesspoint.us-east-1.amazonaws.com',
      'access-point 123456789012/finance aws us-east-1 regional',
    ],
    [
      'fi-nance-123456789012.s3-accesspoint-fips.dualstack.us-east-1.amazonaws.com',
      'access-point 123456789012/fi-nance aws us-east-1 regional fips dual',
    ],
    [
      'finance-123456789012.s3-accesspoint.cn-north-1.amazonaws.com.cn',
      'access-point 123456789012/finance aws-cn cn-north-1 regional',
    ],
    [
      'finance-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias.s3.us-east-1.amazonaws.com',
      'virtual-hosted finance-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias (access-point-alias) aws us-east-1 regional',
    ],
    [
      'volume-abc-ext-s3alias.s3.amazonaws.com',
      'virtual-hosted volume-abc-ext-s3alias (access-point-alias) aws - global',
    ],
    ['finance.s3-accesspoint.us-east-1.amazonaws.com', 'unknown'],
    ['finance-12345678901.s3-accesspoint.us-east-1.amazonaws.com', 'unknown'],
    ['a.finance-123456789012.s3-accesspoint.us-east-1.amazonaws.com', 'unknown'],
    ['s3-accesspoint.us-east-1.amazonaws.com', 'unknown'],
    ['finance-123456789012.s3-accesspoint.amazonaws.com', 'unknown'],
  ],
  'multi-region access points': [
    ['mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com', 'multi-region-access-point mfzwi23gnjvgw aws - global'],
    ['mfzwi23gnjvgw.accesspoint.s3-global.amazonaws.com', 'multi-region-access-point mfzwi23gnjvgw aws - global'],
    ['accesspoint.s3-global.amazonaws.com', 'unknown'],
    ['a.b.mrap.accesspoint.s3-global.amazonaws.com', 'unknown'],
    ['mfzwi23gnjvgw.s3-global.amazonaws.com', 'unknown'],
  ],
  'Object Lambda': [
    [
      'resize-123456789012.s3-object-lambda.us-east-1.amazonaws.com',
      'object-lambda 123456789012/resize aws us-east-1 regional',
    ],
    [
      'resize-123456789012.s3-object-lambda-fips.us-gov-west-1.amazonaws.com',
      'object-lambda 123456789012/resize aws-us-gov us-gov-west-1 regional fips',
    ],
    ['s3-object-lambda.us-east-1.amazonaws.com', 'object-lambda aws us-east-1 regional'],
    ['io-route1.s3-object-lambda.us-east-1.amazonaws.com', 'object-lambda aws us-east-1 regional'],
    [
      'resize-mtaezz1l--ol-s3.s3.us-east-1.amazonaws.com',
      'virtual-hosted resize-mtaezz1l--ol-s3 (object-lambda-alias) aws us-east-1 regional',
    ],
  ],
  'S3 on Outposts': [
    [
      'data-123456789012.op-01ac5d28a6a232904.s3-outposts.us-west-2.amazonaws.com',
      'outposts op-01ac5d28a6a232904 123456789012/data aws us-west-2 regional',
    ],
    [
      'data-o0b1d0754--op-s3.op-0b1d075431d83bebd.s3-outposts-fips.us-west-2.amazonaws.com',
      'outposts op-0b1d075431d83bebd data-o0b1d0754--op-s3 aws us-west-2 regional fips',
    ],
    [
      'data-e00000754--op-s3.ec2.s3-outposts.us-east-1.amazonaws.com',
      'outposts ec2 data-e00000754--op-s3 aws us-east-1 regional',
    ],
    ['s3-outposts.us-west-2.amazonaws.com', 'control aws us-west-2 regional'],
    ['s3-outposts-fips.us-east-2.api.aws', 'control aws us-east-2 regional fips dual'],
    [
      'data-o0b1d0754--op-s3.s3.us-west-2.amazonaws.com',
      'virtual-hosted data-o0b1d0754--op-s3 (outposts-alias) aws us-west-2 regional',
    ],
    ['op-01ac5d28a6a232904.s3-outposts.us-west-2.amazonaws.com', 'unknown'],
    ['data.op-01ac5d28a6a232904.s3-outposts.us-west-2.amazonaws.com', 'unknown'],
  ],
  'control plane': [
    ['123456789012.s3-control.us-east-1.amazonaws.com', 'control 123456789012 aws us-east-1 regional'],
    ['s3-control.us-east-1.amazonaws.com', 'control aws us-east-1 regional'],
    [
      '123456789012.s3-control-fips.dualstack.us-east-1.amazonaws.com',
      'control 123456789012 aws us-east-1 regional fips dual',
    ],
    ['s3-control.cn-north-1.amazonaws.com.cn', 'control aws-cn cn-north-1 regional'],
  ],
  'web sites': [
    ['photos.s3-website-us-east-1.amazonaws.com', 'website photos aws us-east-1 dash-region'],
    ['www.photos.com.s3-website.eu-central-1.amazonaws.com', 'website www.photos.com aws eu-central-1 regional'],
    ['s3-website-us-gov-west-1.amazonaws.com', 'website aws-us-gov us-gov-west-1 dash-region'],
    ['photos.s3-website.cn-north-1.amazonaws.com.cn', 'website photos aws-cn cn-north-1 regional'],
  ],
  'VPC endpoints': [
    [`bucket.${vpce}.s3.us-east-1.vpce.amazonaws.com`, 'path-style aws us-east-1 vpc-endpoint'],
    [`my.photos.bucket.${vpce}.s3.us-east-1.vpce.amazonaws.com`, 'virtual-hosted my.photos aws us-east-1 vpc-endpoint'],
    [
      `photos.bucket.${vpce}-us-east-1a.s3.us-east-1.vpce.amazonaws.com`,
      'virtual-hosted photos aws us-east-1 vpc-endpoint',
    ],
    [`bucket.bucket.${vpce}.s3.us-east-1.vpce.amazonaws.com`, 'virtual-hosted bucket aws us-east-1 vpc-endpoint'],
    [
      `finance-123456789012.accesspoint.${vpce}.s3.us-east-1.vpce.amazonaws.com`,
      'access-point 123456789012/finance aws us-east-1 vpc-endpoint',
    ],
    [`123456789012.control.${vpce}.s3.us-east-1.vpce.amazonaws.com`, 'control 123456789012 aws us-east-1 vpc-endpoint'],
    [
      `photos.bucket.${vpce}.s3.cn-north-1.vpce.amazonaws.com.cn`,
      'virtual-hosted photos aws-cn cn-north-1 vpc-endpoint',
    ],
    [`${vpce}.s3.us-east-1.vpce.amazonaws.com`, 'unknown'],
    ['bucket.vpce-svc-01234.us-east-1.vpce.amazonaws.com', 'unknown'],
    [`bucket.${vpce}.ec2.us-east-1.vpce.amazonaws.com`, 'unknown'],
  ],
  'IP literals': [
    ['127.0.0.1', 'ipv4 127.0.0.1'],
    ['192.168.0.1:9000', 'ipv4 192.168.0.1'],
    ['[::1]:9000', 'ipv6 ::1'],
    ['[2001:DB8:0:0:0:0:0:1]', 'ipv6 2001:db8::1'],
    ['[::ffff:10.0.0.1]', 'ipv6 ::ffff:a00:1'],
    ['127.1', 'malformed'],
    ['2130706433', 'malformed'],
    ['0x7f.0.0.1', 'malformed'],
    ['0x7f000001', 'malformed'],
    ['127.0.0.01', 'malformed'],
    ['256.0.0.1', 'malformed'],
    ['::1', 'malformed'],
    ['[::1', 'malformed'],
    ['[::1]x', 'malformed'],
    ['[127.0.0.1]', 'malformed'],
    ['[fe80::1%eth0]', 'malformed'],
  ],
  spellings: [
    ['PHOTOS.S3.US-EAST-1.AMAZONAWS.COM', 'virtual-hosted photos aws us-east-1 regional'],
    ['photos.s3.us-east-1.amazonaws.com.', 'virtual-hosted photos aws us-east-1 regional'],
    ['photos.s3.us-east-1.amazonaws.com:443', 'virtual-hosted photos aws us-east-1 regional'],
    ['photos.s3.us-east-1.amazonaws.com.:80', 'virtual-hosted photos aws us-east-1 regional'],
  ],
  'other hosts': [
    ['amazonaws.com', 'unknown'],
    ['example.com', 'unknown'],
    ['localhost:9000', 'unknown'],
    ['sts.amazonaws.com', 'unknown'],
    ['s3tables.us-east-1.amazonaws.com', 'unknown'],
    ['s3.us-east-1.amazonaws.com.evil.example', 'unknown'],
    ['s3.us-east-1.evilamazonaws.com', 'unknown'],
    ['s3.evil.us-east-1.amazonaws.com', 'unknown'],
    ['photos.s3.us-east.amazonaws.com', 'unknown'],
    ['ec2-1-2-3-4.compute-1.amazonaws.com', 'unknown'],
    ['s3.lb-123.us-east-1.elb.amazonaws.com', 'unknown'],
  ],
  malformed: [
    ['', 'malformed'],
    ['.', 'malformed'],
    [':80', 'malformed'],
    ['a..s3.amazonaws.com', 'malformed'],
    ['.s3.amazonaws.com', 'malformed'],
    ['s3.amazonaws.com..', 'malformed'],
    ['s3.amazonaws.com:', 'malformed'],
    ['s3.amazonaws.com:0', 'malformed'],
    ['s3.amazonaws.com:65536', 'malformed'],
    ['s3.amazonaws.com:+80', 'malformed'],
    ['s3.amazonaws.com:080000', 'malformed'],
    ['key:secret@s3.amazonaws.com', 'malformed'],
    ['user@s3.amazonaws.com', 'malformed'],
    ['s3.amazonaws.com/path', 'malformed'],
    ['s3.amazonaws.com ', 'malformed'],
    ['s3.amazonaws.com\0', 'malformed'],
    ['s3.amazonaws.com, s3.amazonaws.com', 'malformed'],
    ['caf\u00e9.s3.amazonaws.com', 'malformed'],
    ['\u212aelvin.s3.amazonaws.com', 'malformed'],
    [`${'a'.repeat(64)}.s3.amazonaws.com`, 'malformed'],
    [`${'a.'.repeat(120)}s3.amazonaws.com`, 'malformed'],
  ],
}

for (const [name, table] of Object.entries(forms)) {
  describe(`parseHost: ${name}`, () => {
    it.each(table)('%j is %s', (host, expected) => {
      expect(summary(parseHost(host))).toBe(expected)
    })
  })
}

describe('parseHost', () => {
  it('gives every field a tool may want', () => {
    expect(parseHost('Photos.S3.dualstack.eu-west-1.amazonaws.com:8080')).toEqual({
      kind: 'virtual-hosted',
      hostname: 'photos.s3.dualstack.eu-west-1.amazonaws.com',
      port: 8080,
      partition: 'aws',
      region: 'eu-west-1',
      endpoint: 'regional',
      zone: undefined,
      fips: false,
      dualStack: true,
      bucket: 'photos',
      bucketKind: 'general-purpose',
    })
  })

  it('says nothing of the input in the reason of a malformed host', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{8,20}$/), (secret) => {
        const form = parseHost(`key:${secret}@s3.amazonaws.com`)
        expect(form.kind).toBe('malformed')
        expect(JSON.stringify(form)).not.toContain(secret)
      }),
    )
  })

  it('answers for any string', () => {
    const kinds = new Set(['malformed', 'unknown', 'ip', 'virtual-hosted', 'path-style'])
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => kinds.has(parseHost(text).kind)))
    fc.assert(
      fc.property(fc.array(label, { maxLength: 12 }), (labels) => {
        expect(parseHost(`${labels.join('.')}.amazonaws.com`).kind).toBeTypeOf('string')
      }),
    )
  })

  it.each(['.', 'a', 'a.', '-', 's3-', 's3express-a-', 'us-east-1.', 'a-1', '0', '[', ':', 'vpce-a-'])(
    'is done at once with a megabyte of %j',
    (piece) => {
      expect(parseHost(piece.repeat(1_000_000)).kind).toBe('malformed')
      expect(parseHost(`${piece.repeat(18)}.s3.us-east-1.amazonaws.com`).kind).toBeTypeOf('string')
    },
  )

  it('reads a bucket in front of every endpoint, whatever its labels are', () => {
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...bucketEndpoints),
        (labels, endpoint) => {
          const bucket = labels.join('.')
          expect(parseHost(`${bucket}.${endpoint}`)).toMatchObject({ kind: 'virtual-hosted', bucket })
        },
      ),
    )
  })

  it('does not care for case, trailing dot and port', () => {
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 6 }), (labels) => {
        const host = `${labels.join('.')}.amazonaws.com`
        const plain = parseHost(host)
        expect(parseHost(`${host.toUpperCase()}.:8443`)).toEqual(
          plain.kind === 'malformed' ? plain : { ...plain, port: 8443 },
        )
      }),
    )
  })

  it('has an example here of every row of its table', () => {
    const seen = new Set<string>()
    for (const [host] of Object.values(forms).flat()) {
      const form = parseHost(host)
      if ('endpoint' in form) seen.add(`${form.kind} ${form.endpoint}`)
    }
    const kinds: Record<string, string> = {
      'bucket?': 'virtual-hosted',
      'access-point': 'access-point',
      'object-lambda?': 'object-lambda',
      'outposts-access-point': 'outposts',
      'control?': 'control',
      'website?': 'website',
      mrap: 'multi-region-access-point',
    }
    for (const { prefix, endpoint } of hostForms) expect(seen).toContain(`${kinds[prefix]} ${endpoint}`)
  })
})

/** Labels of which buckets are made, those that also stand in host forms among them. */
const label = fc.oneof(
  fc.constantFrom('s3', 'dualstack', 'us-east-1', 'bucket', 'accesspoint', 'control', 'vpce', 's3-us-west-2', 'mrap'),
  fc.constantFrom(vpce, 's3-accelerate', 's3-website-us-east-1', 's3express-use1-az4', 'op-01ac', 'ec2', 's3-global'),
  fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z]$/),
)

const bucketEndpoints = [
  's3.amazonaws.com',
  's3.us-east-1.amazonaws.com',
  's3-us-west-2.amazonaws.com',
  's3.dualstack.us-east-1.amazonaws.com',
  's3-fips.us-east-1.amazonaws.com',
  's3-accelerate.amazonaws.com',
  's3-accelerate.dualstack.amazonaws.com',
  's3.cn-north-1.amazonaws.com.cn',
  `bucket.${vpce}.s3.us-east-1.vpce.amazonaws.com`,
]
