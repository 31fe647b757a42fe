import { expect, test } from 'vitest'
import { type LoggedOperation, logOperation } from './log-operation.ts'

test.each<readonly [string, string, LoggedOperation['scope'], string]>([
  ['GET', 'GetObject', 'object', 'REST.GET.OBJECT'],
  ['HEAD', 'HeadObject', 'object', 'REST.HEAD.OBJECT'],
  ['PUT', 'PutObject', 'object', 'REST.PUT.OBJECT'],
  ['DELETE', 'DeleteObject', 'object', 'REST.DELETE.OBJECT'],
  ['PUT', 'CopyObject', 'object', 'REST.COPY.OBJECT'],
  ['POST', 'CreateMultipartUpload', 'object', 'REST.POST.UPLOADS'],
  ['PUT', 'UploadPart', 'object', 'REST.PUT.PART'],
  ['POST', 'CompleteMultipartUpload', 'object', 'REST.POST.UPLOAD'],
  ['POST', 'DeleteObjects', 'bucket', 'REST.POST.MULTI_OBJECT_DELETE'],
  ['GET', 'ListBuckets', 'service', 'REST.GET.SERVICE'],
  ['GET', 'ListObjectsV2', 'bucket', 'REST.GET.BUCKET'],
  ['HEAD', 'HeadBucket', 'bucket', 'REST.HEAD.BUCKET'],
  ['GET', 'GetBucketVersioning', 'bucket', 'REST.GET.VERSIONING'],
  ['GET', 'GetBucketLogging', 'bucket', 'REST.GET.LOGGING_STATUS'],
  ['GET', 'GetBucketPolicy', 'bucket', 'REST.GET.BUCKETPOLICY'],
  ['PUT', 'PutBucketLifecycleConfiguration', 'bucket', 'REST.PUT.LIFECYCLE'],
  ['GET', 'ListBucketMetricsConfigurations', 'bucket', 'REST.GET.METRICS'],
  ['GET', 'GetObjectTagging', 'object', 'REST.GET.OBJECT_TAGGING'],
  ['GET', 'GetPublicAccessBlock', 'bucket', 'REST.GET.PUBLIC_ACCESS_BLOCK'],
  ['GET', 'GetObjectAcl', 'object', 'REST.GET.ACL'],
  ['OPTIONS', 'CorsPreflight', 'object', 'REST.OPTIONS.PREFLIGHT'],
  ['PATCH', 'Unknown', 'object', 'REST.PATCH.OBJECT'],
  ['GET', 'Unknown', 'none', 'REST.GET.UNKNOWN'],
  ['a b\n', 'Unknown', 'bucket', 'REST.OTHER.BUCKET'],
  ['GET', 'constructor', 'bucket', 'REST.GET.BUCKET'],
])('%s %s is %s', (method, operation, scope, expected) => {
  expect(logOperation({ method, operation, scope })).toBe(expected)
})
