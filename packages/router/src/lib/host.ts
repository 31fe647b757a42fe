import { type AccessPointName, parseAccessPointLabel } from './access-point.ts'
import { type Authority, parseAuthority } from './authority.ts'
import { type BucketKind, bucketKind } from './bucket-name.ts'
import { type HostFormMatch, matchHostForm } from './host-form-matcher.ts'
import type { EndpointStyle } from './host-forms.ts'
import { type Partition, partitionOf, partitionSuffix } from './partition.ts'

interface NamedHost {
  /** Lower case, without port and trailing dot. */
  readonly hostname: string
  /** The port that was written, 1 to 65535. */
  readonly port: number | undefined
}

interface AwsHost extends NamedHost {
  readonly partition: Partition
  /** Undefined for names without a region (`s3.amazonaws.com`, acceleration, multi-region access points). */
  readonly region: string | undefined
  readonly endpoint: EndpointStyle
  /** The Availability or Local Zone of a zonal name (S3 Express One Zone): `use1-az4`. */
  readonly zone: string | undefined
  /** Whether the name promises FIPS 140 validated cryptography. */
  readonly fips: boolean
  /** Whether the name also has IPv6 addresses. */
  readonly dualStack: boolean
}

/** The bucket, if any, stands in the path: `s3.us-east-1.amazonaws.com`. */
export interface PathStyleHost extends AwsHost {
  readonly kind: 'path-style'
}

/** The bucket stands in the name: `photos.s3.us-east-1.amazonaws.com`. */
export interface VirtualHostedHost extends AwsHost {
  readonly kind: 'virtual-hosted'
  /** As in the host name, so lower case. */
  readonly bucket: string
  /** What the name of the bucket says it is: an ordinary bucket, a directory bucket, an alias. */
  readonly bucketKind: BucketKind
}

/** `NAME-ACCOUNT.s3-accesspoint.REGION.amazonaws.com`. */
export interface AccessPointHost extends AwsHost, AccessPointName {
  readonly kind: 'access-point'
  readonly region: string
}

/** `ALIAS.mrap.accesspoint.s3-global.amazonaws.com`. */
export interface MultiRegionAccessPointHost extends AwsHost {
  readonly kind: 'multi-region-access-point'
  /** Without the `.mrap`. */
  readonly alias: string
}

/** `NAME-ACCOUNT.s3-object-lambda.REGION.amazonaws.com`, or the service itself, to which functions write answers. */
export interface ObjectLambdaHost extends AwsHost {
  readonly kind: 'object-lambda'
  /** Undefined for any name that is not `NAME-ACCOUNT`. */
  readonly accessPoint: AccessPointName | undefined
}

/** An access point on Outposts, by name and account or by alias. */
export interface OutpostsHost extends AwsHost {
  readonly kind: 'outposts'
  /** `op-…`, or `ec2` for an outpost of servers. */
  readonly outpost: string
  /** Undefined if the name holds an alias. */
  readonly accessPoint: AccessPointName | undefined
  /** The alias, which ends in `--op-s3`. */
  readonly alias: string | undefined
}

/** The control plane: `ACCOUNT.s3-control.REGION…`, `s3express-control.REGION…`, `s3-outposts.REGION…`. */
export interface ControlHost extends AwsHost {
  readonly kind: 'control'
  /** What stands before the service; an account, in most cases. */
  readonly account: string | undefined
}

/** A bucket as a web site: `photos.s3-website-us-east-1.amazonaws.com`. It speaks plain HTTP only. */
export interface WebsiteHost extends AwsHost {
  readonly kind: 'website'
  readonly bucket: string | undefined
}

/** An IP literal. */
export interface IpHost extends NamedHost {
  readonly kind: 'ip'
  readonly family: 4 | 6
}

/** A host name that is none of S3's. */
export interface UnknownHost extends NamedHost {
  readonly kind: 'unknown'
}

/** Not a host name at all. */
export interface MalformedHost {
  readonly kind: 'malformed'
  /** What is wrong, in words that hold nothing of the input. */
  readonly reason: string
}

/** What a host name means to S3. */
export type HostForm =
  | PathStyleHost
  | VirtualHostedHost
  | AccessPointHost
  | MultiRegionAccessPointHost
  | ObjectLambdaHost
  | OutpostsHost
  | ControlHost
  | WebsiteHost
  | IpHost
  | UnknownHost
  | MalformedHost

/**
 * What `host` means to S3. Takes the value of a `Host` field, with or without a port, in any case, with or without a
 * trailing dot. Pure and total: it never throws, looks nothing up and knows no custom stores.
 *
 * @example
 * parseHost('photos.s3.dualstack.eu-west-1.amazonaws.com')
 * // { kind: 'virtual-hosted', bucket: 'photos', bucketKind: 'general-purpose', partition: 'aws', region: 'eu-west-1',
 * //   endpoint: 'regional', dualStack: true, fips: false, hostname: 'photos.s3.dualstack…', port: undefined }
 */
export function parseHost(host: string): HostForm {
  return hostForm(parseAuthority(host))
}

/** The same for a host that has been taken apart already. */
export function hostForm(authority: Authority): HostForm {
  if (authority.kind === 'malformed') return authority
  const { hostname, port } = authority
  if (authority.kind !== 'name') return { kind: 'ip', family: authority.kind === 'ipv4' ? 4 : 6, hostname, port }
  return awsHostForm(hostname, port) ?? { kind: 'unknown', hostname, port }
}

function awsHostForm(hostname: string, port: number | undefined): HostForm | undefined {
  const suffix = partitionSuffix(hostname)
  if (suffix === undefined) return undefined
  const match = matchHostForm(hostname.slice(0, -suffix.suffix.length - 1))
  if (match === undefined) return undefined
  const partition = partitionOf(suffix, match.region)
  if (partition === undefined) return undefined
  const aws: AwsHost = {
    hostname,
    port,
    partition,
    region: match.region,
    endpoint: match.row.endpoint,
    zone: match.zone,
    fips: match.fips,
    dualStack: match.dualStack || suffix.dualStack,
  }
  return withPrefix(aws, match, hostname.slice(0, match.prefixLength))
}

/** Reads what stands before the shape; undefined if that does not fit. */
function withPrefix(aws: AwsHost, match: HostFormMatch, prefix: string): HostForm | undefined {
  switch (match.row.prefix) {
    case 'bucket?':
      if (prefix === '') return { kind: 'path-style', ...aws }
      return { kind: 'virtual-hosted', ...aws, bucket: prefix, bucketKind: bucketKind(prefix) }
    case 'access-point': {
      const accessPoint = parseAccessPointLabel(prefix)
      if (accessPoint === undefined || aws.region === undefined) return undefined
      return { kind: 'access-point', ...aws, region: aws.region, ...accessPoint }
    }
    case 'object-lambda?':
      return { kind: 'object-lambda', ...aws, accessPoint: parseAccessPointLabel(prefix) }
    case 'outposts-access-point': {
      const alias = bucketKind(prefix) === 'outposts-alias' && !prefix.includes('.') ? prefix : undefined
      const accessPoint = alias === undefined ? parseAccessPointLabel(prefix) : undefined
      if (match.outpost === undefined || (alias ?? accessPoint) === undefined) return undefined
      return { kind: 'outposts', ...aws, outpost: match.outpost, accessPoint, alias }
    }
    case 'control?':
      return { kind: 'control', ...aws, account: prefix === '' ? undefined : prefix }
    case 'website?':
      return { kind: 'website', ...aws, bucket: prefix === '' ? undefined : prefix }
    case 'mrap': {
      const alias = mrapAlias.exec(prefix)?.[1]
      return alias === undefined ? undefined : { kind: 'multi-region-access-point', ...aws, alias }
    }
  }
}

const mrapAlias = /^([a-z0-9]+)(?:\.mrap)?$/
