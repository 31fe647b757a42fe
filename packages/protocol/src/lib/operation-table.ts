/**
 * What an operation does to what a cache may hold: read it (`read`), leave it (`forward`, `nothing`: the latter are
 * writes), or make it out of date (the rest, see `Invalidation`).
 */
export type Effect = 'read' | 'forward' | 'nothing' | 'key' | 'key-and-source' | 'bucket' | 'listed-keys' | 'form-key'

/** One way to recognise one operation. */
export interface OperationRow {
  /** Method and scope of the request. */
  readonly on: `${string} ${'service' | 'bucket' | 'object'}`
  readonly name: string
  readonly effect: Effect
  /** Parameters the query must have: `name`, `name=value`, or `name=*` for any value but an empty one. */
  readonly when?: readonly string[]
  /** A header the request must have, here or hoisted into the query: `name`, or `name: start of its value`. */
  readonly header?: string
}

/**
 * Every operation of the S3 API (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html),
 * and how a request names it. Of the rows for a method and scope the first that fits is taken.
 */
export const operationTable = [
  // Reads of an object.
  { on: 'GET object', name: 'GetObjectAcl', effect: 'forward', when: ['acl'] },
  { on: 'GET object', name: 'GetObjectAnnotation', effect: 'forward', when: ['annotation', 'annotationName'] },
  { on: 'GET object', name: 'ListObjectAnnotations', effect: 'forward', when: ['annotation'] },
  { on: 'GET object', name: 'GetObjectAttributes', effect: 'forward', when: ['attributes'] },
  { on: 'GET object', name: 'GetObjectLegalHold', effect: 'forward', when: ['legal-hold'] },
  { on: 'GET object', name: 'GetObjectRetention', effect: 'forward', when: ['retention'] },
  { on: 'GET object', name: 'GetObjectTagging', effect: 'forward', when: ['tagging'] },
  { on: 'GET object', name: 'GetObjectTorrent', effect: 'forward', when: ['torrent'] },
  { on: 'GET object', name: 'ListParts', effect: 'forward', when: ['uploadId'] },
  { on: 'GET object', name: 'GetObject', effect: 'read' },
  { on: 'HEAD object', name: 'HeadObject', effect: 'read' },
  // Writes of an object. The first two are archives that the store unpacks into many keys.
  { on: 'PUT object', name: 'PutObject', effect: 'bucket', header: 'x-amz-meta-snowball-auto-extract' },
  { on: 'PUT object', name: 'PutObject', effect: 'bucket', header: 'x-minio-extract' },
  { on: 'PUT object', name: 'RenameObject', effect: 'key-and-source', when: ['renameObject'] },
  {
    on: 'PUT object',
    name: 'UploadPartCopy',
    effect: 'nothing',
    when: ['partNumber=*', 'uploadId=*'],
    header: 'x-amz-copy-source',
  },
  { on: 'PUT object', name: 'UploadPart', effect: 'nothing', when: ['partNumber=*', 'uploadId=*'] },
  { on: 'PUT object', name: 'PutObjectAcl', effect: 'key', when: ['acl'] },
  { on: 'PUT object', name: 'PutObjectAnnotation', effect: 'key', when: ['annotation'] },
  { on: 'PUT object', name: 'PutObjectLegalHold', effect: 'key', when: ['legal-hold'] },
  { on: 'PUT object', name: 'PutObjectRetention', effect: 'key', when: ['retention'] },
  { on: 'PUT object', name: 'PutObjectTagging', effect: 'key', when: ['tagging'] },
  { on: 'PUT object', name: 'UpdateObjectEncryption', effect: 'key', when: ['encryption'] },
  { on: 'PUT object', name: 'CopyObject', effect: 'key', header: 'x-amz-copy-source' },
  { on: 'PUT object', name: 'PutObject', effect: 'key' },
  { on: 'POST object', name: 'CreateMultipartUpload', effect: 'nothing', when: ['uploads'] },
  { on: 'POST object', name: 'CompleteMultipartUpload', effect: 'key', when: ['uploadId'] },
  { on: 'POST object', name: 'RestoreObject', effect: 'key', when: ['restore'] },
  { on: 'POST object', name: 'SelectObjectContent', effect: 'forward', when: ['select', 'select-type=2'] },
  // With this header MinIO deletes everything under the key.
  { on: 'DELETE object', name: 'DeleteObject', effect: 'bucket', header: 'x-minio-force-delete' },
  { on: 'DELETE object', name: 'AbortMultipartUpload', effect: 'nothing', when: ['uploadId=*'] },
  { on: 'DELETE object', name: 'DeleteObjectAnnotation', effect: 'key', when: ['annotation'] },
  { on: 'DELETE object', name: 'DeleteObjectTagging', effect: 'key', when: ['tagging'] },
  { on: 'DELETE object', name: 'DeleteObject', effect: 'key' },
  // Lists and sessions. CreateSession answers with credentials.
  { on: 'GET bucket', name: 'CreateSession', effect: 'forward', when: ['session'] },
  { on: 'GET bucket', name: 'ListObjectVersions', effect: 'forward', when: ['versions'] },
  { on: 'GET bucket', name: 'ListMultipartUploads', effect: 'forward', when: ['uploads'] },
  // Reads of a bucket and its configuration.
  { on: 'GET bucket', name: 'GetBucketAbac', effect: 'forward', when: ['abac'] },
  { on: 'GET bucket', name: 'GetBucketAccelerateConfiguration', effect: 'forward', when: ['accelerate'] },
  { on: 'GET bucket', name: 'GetBucketAcl', effect: 'forward', when: ['acl'] },
  { on: 'GET bucket', name: 'GetBucketAnalyticsConfiguration', effect: 'forward', when: ['analytics', 'id'] },
  { on: 'GET bucket', name: 'ListBucketAnalyticsConfigurations', effect: 'forward', when: ['analytics'] },
  { on: 'GET bucket', name: 'GetBucketCors', effect: 'forward', when: ['cors'] },
  { on: 'GET bucket', name: 'GetBucketEncryption', effect: 'forward', when: ['encryption'] },
  {
    on: 'GET bucket',
    name: 'GetBucketIntelligentTieringConfiguration',
    effect: 'forward',
    when: ['intelligent-tiering', 'id'],
  },
  {
    on: 'GET bucket',
    name: 'ListBucketIntelligentTieringConfigurations',
    effect: 'forward',
    when: ['intelligent-tiering'],
  },
  { on: 'GET bucket', name: 'GetBucketInventoryConfiguration', effect: 'forward', when: ['inventory', 'id'] },
  { on: 'GET bucket', name: 'ListBucketInventoryConfigurations', effect: 'forward', when: ['inventory'] },
  { on: 'GET bucket', name: 'GetBucketLifecycleConfiguration', effect: 'forward', when: ['lifecycle'] },
  { on: 'GET bucket', name: 'GetBucketLocation', effect: 'forward', when: ['location'] },
  { on: 'GET bucket', name: 'GetBucketLogging', effect: 'forward', when: ['logging'] },
  { on: 'GET bucket', name: 'GetBucketMetadataConfiguration', effect: 'forward', when: ['metadataConfiguration'] },
  { on: 'GET bucket', name: 'GetBucketMetadataTableConfiguration', effect: 'forward', when: ['metadataTable'] },
  { on: 'GET bucket', name: 'GetBucketMetricsConfiguration', effect: 'forward', when: ['metrics', 'id'] },
  { on: 'GET bucket', name: 'ListBucketMetricsConfigurations', effect: 'forward', when: ['metrics'] },
  { on: 'GET bucket', name: 'GetBucketNotificationConfiguration', effect: 'forward', when: ['notification'] },
  { on: 'GET bucket', name: 'GetObjectLockConfiguration', effect: 'forward', when: ['object-lock'] },
  { on: 'GET bucket', name: 'GetBucketOwnershipControls', effect: 'forward', when: ['ownershipControls'] },
  { on: 'GET bucket', name: 'GetBucketPolicy', effect: 'forward', when: ['policy'] },
  { on: 'GET bucket', name: 'GetBucketPolicyStatus', effect: 'forward', when: ['policyStatus'] },
  { on: 'GET bucket', name: 'GetPublicAccessBlock', effect: 'forward', when: ['publicAccessBlock'] },
  { on: 'GET bucket', name: 'GetBucketReplication', effect: 'forward', when: ['replication'] },
  { on: 'GET bucket', name: 'GetBucketRequestPayment', effect: 'forward', when: ['requestPayment'] },
  { on: 'GET bucket', name: 'GetBucketTagging', effect: 'forward', when: ['tagging'] },
  { on: 'GET bucket', name: 'GetBucketVersioning', effect: 'forward', when: ['versioning'] },
  { on: 'GET bucket', name: 'GetBucketWebsite', effect: 'forward', when: ['website'] },
  { on: 'GET bucket', name: 'ListObjectsV2', effect: 'forward', when: ['list-type=2'] },
  { on: 'GET bucket', name: 'ListObjects', effect: 'forward' },
  { on: 'HEAD bucket', name: 'HeadBucket', effect: 'forward' },
  // Configuration of a bucket that changes who may read, or the headers of objects already there.
  { on: 'PUT bucket', name: 'PutBucketAbac', effect: 'bucket', when: ['abac'] },
  { on: 'PUT bucket', name: 'PutBucketAcl', effect: 'bucket', when: ['acl'] },
  { on: 'PUT bucket', name: 'PutBucketLifecycleConfiguration', effect: 'bucket', when: ['lifecycle'] },
  { on: 'PUT bucket', name: 'PutBucketOwnershipControls', effect: 'bucket', when: ['ownershipControls'] },
  { on: 'PUT bucket', name: 'PutBucketPolicy', effect: 'bucket', when: ['policy'] },
  { on: 'PUT bucket', name: 'PutPublicAccessBlock', effect: 'bucket', when: ['publicAccessBlock'] },
  { on: 'PUT bucket', name: 'PutBucketRequestPayment', effect: 'bucket', when: ['requestPayment'] },
  { on: 'PUT bucket', name: 'PutBucketTagging', effect: 'bucket', when: ['tagging'] },
  { on: 'PUT bucket', name: 'PutBucketVersioning', effect: 'bucket', when: ['versioning'] },
  // Configuration of a bucket that changes nothing a cache holds.
  { on: 'PUT bucket', name: 'PutBucketAccelerateConfiguration', effect: 'nothing', when: ['accelerate'] },
  { on: 'PUT bucket', name: 'PutBucketAnalyticsConfiguration', effect: 'nothing', when: ['analytics', 'id'] },
  { on: 'PUT bucket', name: 'PutBucketCors', effect: 'nothing', when: ['cors'] },
  { on: 'PUT bucket', name: 'PutBucketEncryption', effect: 'nothing', when: ['encryption'] },
  {
    on: 'PUT bucket',
    name: 'PutBucketIntelligentTieringConfiguration',
    effect: 'nothing',
    when: ['intelligent-tiering', 'id'],
  },
  { on: 'PUT bucket', name: 'PutBucketInventoryConfiguration', effect: 'nothing', when: ['inventory', 'id'] },
  { on: 'PUT bucket', name: 'PutBucketLogging', effect: 'nothing', when: ['logging'] },
  {
    on: 'PUT bucket',
    name: 'UpdateBucketMetadataAnnotationTableConfiguration',
    effect: 'nothing',
    when: ['metadataAnnotationTable'],
  },
  {
    on: 'PUT bucket',
    name: 'UpdateBucketMetadataInventoryTableConfiguration',
    effect: 'nothing',
    when: ['metadataInventoryTable'],
  },
  {
    on: 'PUT bucket',
    name: 'UpdateBucketMetadataJournalTableConfiguration',
    effect: 'nothing',
    when: ['metadataJournalTable'],
  },
  { on: 'PUT bucket', name: 'PutBucketMetricsConfiguration', effect: 'nothing', when: ['metrics', 'id'] },
  { on: 'PUT bucket', name: 'PutBucketNotificationConfiguration', effect: 'nothing', when: ['notification'] },
  { on: 'PUT bucket', name: 'PutObjectLockConfiguration', effect: 'nothing', when: ['object-lock'] },
  { on: 'PUT bucket', name: 'PutBucketReplication', effect: 'nothing', when: ['replication'] },
  { on: 'PUT bucket', name: 'PutBucketWebsite', effect: 'nothing', when: ['website'] },
  { on: 'POST bucket', name: 'CreateBucketMetadataConfiguration', effect: 'nothing', when: ['metadataConfiguration'] },
  { on: 'POST bucket', name: 'CreateBucketMetadataTableConfiguration', effect: 'nothing', when: ['metadataTable'] },
  // A store that does not know the configuration deletes the bucket itself.
  { on: 'DELETE bucket', name: 'DeleteBucketLifecycle', effect: 'bucket', when: ['lifecycle'] },
  { on: 'DELETE bucket', name: 'DeleteBucketOwnershipControls', effect: 'bucket', when: ['ownershipControls'] },
  { on: 'DELETE bucket', name: 'DeleteBucketPolicy', effect: 'bucket', when: ['policy'] },
  { on: 'DELETE bucket', name: 'DeletePublicAccessBlock', effect: 'bucket', when: ['publicAccessBlock'] },
  { on: 'DELETE bucket', name: 'DeleteBucketTagging', effect: 'bucket', when: ['tagging'] },
  { on: 'DELETE bucket', name: 'DeleteBucketAnalyticsConfiguration', effect: 'bucket', when: ['analytics'] },
  { on: 'DELETE bucket', name: 'DeleteBucketCors', effect: 'bucket', when: ['cors'] },
  { on: 'DELETE bucket', name: 'DeleteBucketEncryption', effect: 'bucket', when: ['encryption'] },
  {
    on: 'DELETE bucket',
    name: 'DeleteBucketIntelligentTieringConfiguration',
    effect: 'bucket',
    when: ['intelligent-tiering'],
  },
  { on: 'DELETE bucket', name: 'DeleteBucketInventoryConfiguration', effect: 'bucket', when: ['inventory'] },
  {
    on: 'DELETE bucket',
    name: 'DeleteBucketMetadataConfiguration',
    effect: 'bucket',
    when: ['metadataConfiguration'],
  },
  { on: 'DELETE bucket', name: 'DeleteBucketMetadataTableConfiguration', effect: 'bucket', when: ['metadataTable'] },
  { on: 'DELETE bucket', name: 'DeleteBucketMetricsConfiguration', effect: 'bucket', when: ['metrics'] },
  { on: 'DELETE bucket', name: 'DeleteBucketReplication', effect: 'bucket', when: ['replication'] },
  { on: 'DELETE bucket', name: 'DeleteBucketWebsite', effect: 'bucket', when: ['website'] },
  // A bucket as a whole, and many keys at once.
  { on: 'PUT bucket', name: 'CreateBucket', effect: 'bucket' },
  { on: 'DELETE bucket', name: 'DeleteBucket', effect: 'bucket' },
  { on: 'POST bucket', name: 'DeleteObjects', effect: 'listed-keys', when: ['delete'] },
  { on: 'POST bucket', name: 'PostObject', effect: 'form-key', header: 'content-type: multipart/form-data' },
  { on: 'POST bucket', name: 'WriteGetObjectResponse', effect: 'nothing', header: 'x-amz-request-route' },
  // The service.
  { on: 'GET service', name: 'ListDirectoryBuckets', effect: 'forward', when: ['x-id=ListDirectoryBuckets'] },
  { on: 'GET service', name: 'ListBuckets', effect: 'forward' },
  // The question of a browser before a request to another origin, which carries no signature.
  { on: 'OPTIONS object', name: 'CorsPreflight', effect: 'forward' },
  { on: 'OPTIONS bucket', name: 'CorsPreflight', effect: 'forward' },
  { on: 'OPTIONS service', name: 'CorsPreflight', effect: 'forward' },
] as const satisfies readonly OperationRow[]
