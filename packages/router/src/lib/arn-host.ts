import type { S3Arn } from './arn.ts'
import type { HostForm } from './host.ts'
import { partitions } from './partition.ts'

/** How {@link arnToHost} shall spell a host. */
export interface ArnHostOptions {
  /** The region of a bucket, as its ARN names none. Without one the name is the global one. */
  readonly region?: string | undefined
  /** Default false. */
  readonly fips?: boolean
  /** Default false. */
  readonly dualStack?: boolean
}

/** The result of {@link arnToHost}. */
export type ArnHost =
  | { readonly kind: 'host'; readonly host: string }
  | {
      readonly kind: 'none'
      readonly reason: /** There is no such name without a region. */
        | 'region-needed'
        /** The name of the bucket cannot stand in a host name. */
        | 'bucket-only-in-path'
        /** There is no FIPS or no dual-stack name for this. */
        | 'no-such-variant'
    }

/** The result of {@link hostToArn}. */
export type HostArn =
  | { readonly kind: 'arn'; readonly arn: S3Arn }
  | {
      readonly kind: 'none'
      readonly reason: /** The host does not say which account owns the thing. */
        | 'account-unknown'
        /** The host names nothing that has an ARN: no bucket, an alias, another service, no host of S3. */
        | 'nothing-named'
    }

const bucketInHost = /^[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9])){1,61}[a-z0-9]$/
const directoryZone = /--([a-z0-9]+(?:-[a-z0-9]+)*)--x-s3$/

/** The host under which clients reach what `arn` names; buckets in virtual-hosted style. */
export function arnToHost(arn: S3Arn, options: ArnHostOptions = {}): ArnHost {
  const { suffix } = partitions[arn.partition]
  const fips = options.fips === true ? '-fips' : ''
  const dualStack = options.dualStack === true ? '.dualstack' : ''
  switch (arn.kind) {
    case 'bucket':
    case 'object':
      if (!bucketInHost.test(arn.bucket)) return none('bucket-only-in-path')
      if (options.region !== undefined) {
        return host(`${arn.bucket}.s3${fips}${dualStack}.${options.region}.${suffix}`)
      }
      return fips + dualStack === '' ? host(`${arn.bucket}.s3.${suffix}`) : none('region-needed')
    case 'directory-bucket': {
      const zone = directoryZone.exec(arn.bucket)?.[1]
      if (zone === undefined) return none('bucket-only-in-path')
      return host(`${arn.bucket}.s3express${fips}-${zone}${dualStack}.${arn.region}.${suffix}`)
    }
    case 'access-point':
      return host(`${arn.name}-${arn.account}.s3-accesspoint${fips}${dualStack}.${arn.region}.${suffix}`)
    case 'multi-region-access-point':
      return fips + dualStack === ''
        ? host(`${arn.alias}.mrap.accesspoint.s3-global.${suffix}`)
        : none('no-such-variant')
    case 'object-lambda':
      if (dualStack !== '') return none('no-such-variant')
      return host(`${arn.name}-${arn.account}.s3-object-lambda${fips}.${arn.region}.${suffix}`)
    case 'outposts':
      if (dualStack !== '') return none('no-such-variant')
      return host(`${arn.name}-${arn.account}.${arn.outpost}.s3-outposts${fips}.${arn.region}.${suffix}`)
  }
}

/** The ARN of what a host names, as far as the host says it. */
export function hostToArn(form: HostForm): HostArn {
  switch (form.kind) {
    case 'virtual-hosted':
      if (form.bucketKind === 'directory') return { kind: 'none', reason: 'account-unknown' }
      if (form.bucketKind !== 'general-purpose') return { kind: 'none', reason: 'nothing-named' }
      return arnOf({ kind: 'bucket', partition: form.partition, bucket: form.bucket })
    case 'website':
      if (form.bucket === undefined) return { kind: 'none', reason: 'nothing-named' }
      return arnOf({ kind: 'bucket', partition: form.partition, bucket: form.bucket })
    case 'access-point': {
      const { kind, partition, region, account, name } = form
      return arnOf({ kind, partition, region, account, name })
    }
    case 'object-lambda':
    case 'outposts': {
      const { partition, region, accessPoint } = form
      if (accessPoint === undefined || region === undefined) return { kind: 'none', reason: 'nothing-named' }
      return arnOf(
        form.kind === 'outposts'
          ? { kind: 'outposts', partition, region, ...accessPoint, outpost: form.outpost }
          : { kind: 'object-lambda', partition, region, ...accessPoint },
      )
    }
    case 'multi-region-access-point':
      return { kind: 'none', reason: 'account-unknown' }
    case 'path-style':
    case 'control':
    case 'ip':
    case 'unknown':
    case 'malformed':
      return { kind: 'none', reason: 'nothing-named' }
  }
}

function host(text: string): ArnHost {
  return { kind: 'host', host: text }
}

function none(reason: Extract<ArnHost, { kind: 'none' }>['reason']): ArnHost {
  return { kind: 'none', reason }
}

function arnOf(arn: S3Arn): HostArn {
  return { kind: 'arn', arn }
}
