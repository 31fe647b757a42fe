/** A part of AWS with its own accounts, names and certificates; a bucket name is unique within one. */
export type Partition =
  | 'aws'
  | 'aws-cn'
  | 'aws-eusc'
  | 'aws-iso'
  | 'aws-iso-b'
  | 'aws-iso-e'
  | 'aws-iso-f'
  | 'aws-us-gov'

/** How the names of one partition look. */
export interface PartitionNames {
  /** What its host names end in. */
  readonly suffix: string
  /** What those of its host names end in that are dual-stack by suffix; S3 on Outposts has such. */
  readonly dualStackSuffix: string | undefined
  /** What the names of its regions begin with; empty for the partition that has all others. */
  readonly regionPrefix: string
}

/** The names of every partition (the partition metadata that AWS SDKs carry). */
export const partitions: { readonly [P in Partition]: PartitionNames } = {
  'aws-us-gov': { suffix: 'amazonaws.com', dualStackSuffix: 'api.aws', regionPrefix: 'us-gov-' },
  'aws-cn': { suffix: 'amazonaws.com.cn', dualStackSuffix: 'api.amazonwebservices.com.cn', regionPrefix: 'cn-' },
  'aws-eusc': { suffix: 'amazonaws.eu', dualStackSuffix: 'api.amazonwebservices.eu', regionPrefix: 'eusc-' },
  'aws-iso': { suffix: 'c2s.ic.gov', dualStackSuffix: undefined, regionPrefix: 'us-iso-' },
  'aws-iso-b': { suffix: 'sc2s.sgov.gov', dualStackSuffix: undefined, regionPrefix: 'us-isob-' },
  'aws-iso-e': { suffix: 'cloud.adc-e.uk', dualStackSuffix: undefined, regionPrefix: 'eu-isoe-' },
  'aws-iso-f': { suffix: 'csp.hci.ic.gov', dualStackSuffix: undefined, regionPrefix: 'us-isof-' },
  aws: { suffix: 'amazonaws.com', dualStackSuffix: 'api.aws', regionPrefix: '' },
}

const rows = Object.entries(partitions) as [Partition, PartitionNames][]

const regionName = /^[a-z]{2,5}(?:-[a-z]+){1,2}-[0-9]{1,2}$/

/** Whether `label` reads like the name of a region: `us-east-1`, `us-gov-west-1`, `ap-southeast-5`. */
export function isRegionName(label: string): boolean {
  return regionName.test(label)
}

/** Whether `text` is the name of a partition. */
export function isPartition(text: string): text is Partition {
  return Object.hasOwn(partitions, text)
}

/** The partition a region lies in. A region that no row names lies in `aws`, as new ones do. */
export function partitionOfRegion(region: string): Partition {
  for (const [partition, { regionPrefix }] of rows) if (region.startsWith(regionPrefix)) return partition
  return 'aws'
}

/** One ending of AWS host names. */
export interface PartitionSuffix {
  readonly suffix: string
  /** Whether names with this ending are dual-stack whatever else they say. */
  readonly dualStack: boolean
  /** The partition of names with this ending that name no region. */
  readonly partition: Partition
}

/** Where partitions share an ending, the last row, which is `aws`, stands for the names without a region. */
const suffixes: ReadonlyMap<string, PartitionSuffix> = new Map(
  rows.flatMap(([partition, { suffix, dualStackSuffix }]): [string, PartitionSuffix][] => {
    const plain: [string, PartitionSuffix] = [suffix, { suffix, dualStack: false, partition }]
    if (dualStackSuffix === undefined) return [plain]
    return [plain, [dualStackSuffix, { suffix: dualStackSuffix, dualStack: true, partition }]]
  }),
)

/** The ending of a lower-case host name, or undefined if it is not one of AWS. */
export function partitionSuffix(hostname: string): PartitionSuffix | undefined {
  for (const row of suffixes.values()) {
    if (hostname.endsWith(row.suffix) && hostname[hostname.length - row.suffix.length - 1] === '.') return row
  }
  return undefined
}

/** The partition of a name with this ending and region, or undefined if they do not belong together. */
export function partitionOf({ suffix, partition }: PartitionSuffix, region: string | undefined): Partition | undefined {
  if (region === undefined) return partition
  const candidate = partitionOfRegion(region)
  const names = partitions[candidate]
  return names.suffix === suffix || names.dualStackSuffix === suffix ? candidate : undefined
}
