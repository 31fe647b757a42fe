/**
 * What the name of a bucket says it stands for. AWS reserves these endings
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html), so no ordinary bucket has one.
 */
export type BucketKind =
  /** An ordinary bucket. */
  | 'general-purpose'
  /** S3 Express One Zone: `base--ZONE--x-s3`. */
  | 'directory'
  /** An access point of a directory bucket: `name--ZONE--xa-s3`. */
  | 'directory-access-point'
  /** The alias of an access point: `name-….-s3alias`. */
  | 'access-point-alias'
  /** The alias of an Object Lambda access point: `name-…--ol-s3`. */
  | 'object-lambda-alias'
  /** The alias of an access point on Outposts: `name-…--op-s3`. */
  | 'outposts-alias'
  /** The bucket under an S3 table: `…--table-s3`. */
  | 'table'

const reservedEndings: readonly (readonly [ending: string, kind: BucketKind])[] = [
  ['--x-s3', 'directory'],
  ['--xa-s3', 'directory-access-point'],
  ['-s3alias', 'access-point-alias'],
  ['--ol-s3', 'object-lambda-alias'],
  ['--op-s3', 'outposts-alias'],
  ['--table-s3', 'table'],
]

/** What the bucket name `name` stands for at AWS. */
export function bucketKind(name: string): BucketKind {
  // Every reserved ending has this in its last eight characters; most names have not, and stop here.
  if (!name.includes('-s3', name.length - 8)) return 'general-purpose'
  for (const [ending, kind] of reservedEndings) if (name.endsWith(ending)) return kind
  return 'general-purpose'
}

const ordinaryName = /^[a-z0-9][a-z0-9.-]{1,62}$/
const unsafeCharacter = /[\x00-\x1f\x7f/\\]/

/** The longest bucket name S3 has ever allowed (us-east-1 before 2018); today the limit is 63. */
const maxBucketLength = 255

/**
 * Why `name` must not be used as a bucket name, or undefined if it may. Only names that could be mistaken for something
 * else are refused here; whether the rest are names of buckets is for S3 to say.
 */
export function bucketNameFault(name: string): string | undefined {
  if (ordinaryName.test(name)) return undefined
  if (name === '') return 'the bucket name is empty'
  if (name.length > maxBucketLength) return `the bucket name is longer than ${maxBucketLength} bytes`
  if (name === '.' || name === '..') return 'the bucket name is a dot segment'
  if (unsafeCharacter.test(name)) return 'the bucket name has a slash or a control character'
  return undefined
}
