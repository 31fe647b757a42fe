/** Names S3 gives in its logs that do not follow from the name of the operation. */
const exceptions: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ListBuckets: 'GET.SERVICE',
    ListDirectoryBuckets: 'GET.SERVICE',
    ListObjects: 'GET.BUCKET',
    ListObjectsV2: 'GET.BUCKET',
    ListObjectVersions: 'GET.BUCKETVERSIONS',
    ListMultipartUploads: 'GET.UPLOADS',
    ListParts: 'GET.UPLOAD',
    CreateMultipartUpload: 'POST.UPLOADS',
    CompleteMultipartUpload: 'POST.UPLOAD',
    AbortMultipartUpload: 'DELETE.UPLOAD',
    UploadPart: 'PUT.PART',
    UploadPartCopy: 'COPY.PART',
    CopyObject: 'COPY.OBJECT',
    DeleteObjects: 'POST.MULTI_OBJECT_DELETE',
    PostObject: 'POST.OBJECT',
    RestoreObject: 'POST.RESTORE',
    CorsPreflight: 'OPTIONS.PREFLIGHT',
    GetObjectAcl: 'GET.ACL',
    PutObjectAcl: 'PUT.ACL',
    GetBucketLogging: 'GET.LOGGING_STATUS',
    PutBucketLogging: 'PUT.LOGGING_STATUS',
    GetBucketPolicy: 'GET.BUCKETPOLICY',
    PutBucketPolicy: 'PUT.BUCKETPOLICY',
    DeleteBucketPolicy: 'DELETE.BUCKETPOLICY',
  }),
)

/** Other operations on these things are named after the thing alone: `GetBucketVersioning` is `GET.VERSIONING`. */
const configuration = /^(?:Get|Put|Delete|List|Create|Update)(?:Bucket)?(?=[A-Z])(.+?)(?:Configurations?)?$/

/** What {@link logOperation} looks at. */
export interface LoggedOperation {
  readonly method: string
  /** S3 API name, `Unknown` if it has none. */
  readonly operation: string
  readonly scope: 'service' | 'bucket' | 'object' | 'none'
}

/**
 * The operation as S3's own access logs name it, `REST.HTTP_method.resource_type`
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html#log-record-fields).
 */
export function logOperation({ method, operation, scope }: LoggedOperation): string {
  const exception = exceptions.get(operation)
  if (exception !== undefined) return `REST.${exception}`
  return `REST.${token(method)}.${resource(operation, scope)}`
}

function resource(operation: string, scope: LoggedOperation['scope']): string {
  if (wholeThings.has(operation) || operation === 'Unknown') return scope === 'none' ? 'UNKNOWN' : scope.toUpperCase()
  const thing = configuration.exec(operation)?.[1]
  return thing === undefined
    ? scope.toUpperCase()
    : thing.replace(/[a-z0-9](?=[A-Z])/g, (letter) => `${letter}_`).toUpperCase()
}

const wholeThings: ReadonlySet<string> = new Set([
  'GetObject',
  'HeadObject',
  'PutObject',
  'DeleteObject',
  'RenameObject',
  'HeadBucket',
  'CreateBucket',
  'DeleteBucket',
])

/** The method comes from the client: keep it one short word. */
function token(method: string): string {
  return /^[A-Z]{1,16}$/.test(method) ? method : 'OTHER'
}
