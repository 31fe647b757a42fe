import { isAccessPointName, isAccountId } from './access-point.ts'
import { isPartition, isRegionName, type Partition, partitionOfRegion } from './partition.ts'

/** The longest ARN that is looked at; the longest there is has a key of 1,024 bytes. */
export const maxArnLength = 2048

/** What lies in one region of one account. */
interface Regional {
  readonly partition: Partition
  readonly region: string
  /** Twelve digits. */
  readonly account: string
}

/** `arn:aws:s3:::BUCKET`. */
export interface BucketArn {
  readonly kind: 'bucket'
  readonly partition: Partition
  readonly bucket: string
}

/** `arn:aws:s3:::BUCKET/KEY`. The key is text, as written. */
export interface ObjectArn {
  readonly kind: 'object'
  readonly partition: Partition
  readonly bucket: string
  readonly key: string
}

/** `arn:aws:s3express:REGION:ACCOUNT:bucket/NAME--ZONE--x-s3`. */
export interface DirectoryBucketArn extends Regional {
  readonly kind: 'directory-bucket'
  readonly bucket: string
}

/** `arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME`, and `…/object/KEY`. */
export interface AccessPointArn extends Regional {
  readonly kind: 'access-point'
  readonly name: string
  /** Undefined for the access point itself. */
  readonly key?: string | undefined
}

/** `arn:aws:s3::ACCOUNT:accesspoint/ALIAS.mrap`, and `…/object/KEY`. */
export interface MultiRegionAccessPointArn {
  readonly kind: 'multi-region-access-point'
  readonly partition: Partition
  readonly account: string
  /** Without the `.mrap`. */
  readonly alias: string
  readonly key?: string | undefined
}

/** `arn:aws:s3-object-lambda:REGION:ACCOUNT:accesspoint/NAME`. */
export interface ObjectLambdaArn extends Regional {
  readonly kind: 'object-lambda'
  readonly name: string
}

/** `arn:aws:s3-outposts:REGION:ACCOUNT:outpost/OUTPOST/accesspoint/NAME`, and `…/object/KEY`. */
export interface OutpostsArn extends Regional {
  readonly kind: 'outposts'
  readonly outpost: string
  readonly name: string
  readonly key?: string | undefined
}

/** The ARN of something that answers S3 requests. */
export type S3Arn =
  | BucketArn
  | ObjectArn
  | DirectoryBucketArn
  | AccessPointArn
  | MultiRegionAccessPointArn
  | ObjectLambdaArn
  | OutpostsArn

/** Not the ARN of one thing of S3. */
export interface MalformedArn {
  readonly kind: 'malformed'
  readonly reason: string
}

const bucketName = /^[A-Za-z0-9._-]{1,255}$/
const multiRegionAlias = /^([a-z0-9]{1,63})\.mrap$/
const outpostId = /^(?:op-[0-9a-z]{1,60}|ec2)$/

/**
 * Takes an ARN apart. `accesspoint:NAME` counts as `accesspoint/NAME`, as in the SDKs. Patterns (`*`) of policies are no
 * ARN of one thing. Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html.
 */
export function parseArn(text: string): S3Arn | MalformedArn {
  if (text.length > maxArnLength) return malformed(`the ARN is longer than ${maxArnLength} characters`)
  const [prefix, partition = '', service, region = '', account = '', ...rest] = text.split(':')
  if (prefix !== 'arn' || rest.length === 0) return malformed('the ARN has not six parts')
  if (!isPartition(partition)) return malformed('the partition is unknown')
  const resource = rest.join(':')
  if (service === 's3' && region === '' && account === '') return parseBucket(partition, resource)
  if (!isAccountId(account)) return malformed('the account is not twelve digits')
  if (service === 's3' && region === '') return parseMultiRegion(partition, account, resource)
  if (!isRegionName(region) || partitionOfRegion(region) !== partition) {
    return malformed('the region is none of the partition')
  }
  const regional: Regional = { partition, region, account }
  switch (service) {
    case 's3':
      return parseAccessPoint(regional, resource)
    case 's3express':
      return parseDirectoryBucket(regional, resource)
    case 's3-object-lambda':
      return parseObjectLambda(regional, resource)
    case 's3-outposts':
      return parseOutposts(regional, resource)
    default:
      return malformed('the service is none of S3')
  }
}

/** Writes an ARN. {@link parseArn} gives back what was written. */
export function formatArn(arn: S3Arn): string {
  switch (arn.kind) {
    case 'bucket':
      return `arn:${arn.partition}:s3:::${arn.bucket}`
    case 'object':
      return `arn:${arn.partition}:s3:::${arn.bucket}/${arn.key}`
    case 'directory-bucket':
      return `${regionalPrefix('s3express', arn)}bucket/${arn.bucket}`
    case 'access-point':
      return `${regionalPrefix('s3', arn)}accesspoint/${arn.name}${objectSuffix(arn.key)}`
    case 'multi-region-access-point':
      return `arn:${arn.partition}:s3::${arn.account}:accesspoint/${arn.alias}.mrap${objectSuffix(arn.key)}`
    case 'object-lambda':
      return `${regionalPrefix('s3-object-lambda', arn)}accesspoint/${arn.name}`
    case 'outposts':
      return `${regionalPrefix('s3-outposts', arn)}outpost/${arn.outpost}/accesspoint/${arn.name}${objectSuffix(arn.key)}`
  }
}

function regionalPrefix(service: string, { partition, region, account }: Regional): string {
  return `arn:${partition}:${service}:${region}:${account}:`
}

function objectSuffix(key: string | undefined): string {
  return key === undefined ? '' : `/object/${key}`
}

function parseBucket(partition: Partition, resource: string): S3Arn | MalformedArn {
  const slash = resource.indexOf('/')
  const bucket = slash === -1 ? resource : resource.slice(0, slash)
  if (!bucketName.test(bucket)) return malformed('the resource is no bucket')
  if (slash === -1) return { kind: 'bucket', partition, bucket }
  const key = resource.slice(slash + 1)
  return key === '' ? malformed('the key is empty') : { kind: 'object', partition, bucket, key }
}

function parseMultiRegion(partition: Partition, account: string, resource: string): S3Arn | MalformedArn {
  const named = parseNamed(resource)
  const alias = multiRegionAlias.exec(named?.name ?? '')?.[1]
  if (named === undefined || alias === undefined) return malformed('the resource is no multi-region access point')
  return { kind: 'multi-region-access-point', partition, account, alias, ...named.object }
}

function parseAccessPoint(regional: Regional, resource: string): S3Arn | MalformedArn {
  const named = parseNamed(resource)
  if (named === undefined || !isAccessPointName(named.name)) return malformed('the resource is no access point')
  return { kind: 'access-point', ...regional, name: named.name, ...named.object }
}

function parseDirectoryBucket(regional: Regional, resource: string): S3Arn | MalformedArn {
  const bucket = resource.startsWith('bucket/') ? resource.slice('bucket/'.length) : ''
  if (!bucketName.test(bucket) || !bucket.endsWith('--x-s3')) return malformed('the resource is no directory bucket')
  return { kind: 'directory-bucket', ...regional, bucket }
}

function parseObjectLambda(regional: Regional, resource: string): S3Arn | MalformedArn {
  const named = parseNamed(resource)
  if (named === undefined || named.object.key !== undefined || !isAccessPointName(named.name)) {
    return malformed('the resource is no Object Lambda access point')
  }
  return { kind: 'object-lambda', ...regional, name: named.name }
}

const outpostResource = /^outpost[:/]([^:/]+)[:/](accesspoint.+)$/s

function parseOutposts(regional: Regional, resource: string): S3Arn | MalformedArn {
  const [, outpost = '', rest = ''] = outpostResource.exec(resource) ?? []
  const named = parseNamed(rest)
  if (!outpostId.test(outpost) || named === undefined || !isAccessPointName(named.name)) {
    return malformed('the resource is no access point on Outposts')
  }
  return { kind: 'outposts', ...regional, outpost, name: named.name, ...named.object }
}

interface Named {
  readonly name: string
  readonly object: { readonly key?: string }
}

const namedResource = /^accesspoint[:/]([^:/]+)(?:\/object\/(.+))?$/s

/** `accesspoint/NAME` or `accesspoint/NAME/object/KEY`. */
function parseNamed(resource: string): Named | undefined {
  const [, name, key] = namedResource.exec(resource) ?? []
  if (name === undefined) return undefined
  return { name, object: key === undefined ? {} : { key } }
}

function malformed(reason: string): MalformedArn {
  return { kind: 'malformed', reason }
}
