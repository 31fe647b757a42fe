import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RawHeaders } from './message.ts'
import { classifyOperation, type OperationName, type OperationScope } from './operation.ts'
import { operationTable } from './operation-table.ts'
import { parseQuery } from './query.ts'

const classify = (on: string, query = '', headers: RawHeaders = []) => {
  const [method = '', scope] = on.split(' ')
  return classifyOperation({ method, scope: scope as OperationScope, query: parseQuery(query), headers })
}
/** `read`, `forward`, or what a write invalidates. */
const effect = (operation: ReturnType<typeof classify>) =>
  operation.kind === 'write' ? operation.invalidates.kind : operation.kind

type Example = [on: string, query: string, name: OperationName, effect: string, headers?: RawHeaders]

const signed =
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Date=b&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature=c'
const form: RawHeaders = ['Content-Type', 'multipart/form-data; boundary=9431149156168']
const copy: RawHeaders = ['x-amz-copy-source', '/bucket/source']

describe('classifyOperation', () => {
  // As the SDKs send them.
  it.each<Example>([
    ['GET object', '', 'GetObject', 'read'],
    ['GET object', 'x-id=GetObject', 'GetObject', 'read'],
    ['GET object', 'versionId=1&partNumber=2', 'GetObject', 'read'],
    ['GET object', `${signed}&x-id=GetObject`, 'GetObject', 'read'],
    ['GET object', 'response-content-type=a', 'GetObject', 'read'],
    ['HEAD object', '', 'HeadObject', 'read'],
    ['HEAD object', 'versionId=1', 'HeadObject', 'read'],
    ['GET object', 'acl', 'GetObjectAcl', 'forward'],
    ['GET object', 'acl=&versionId=1', 'GetObjectAcl', 'forward'],
    ['GET object', 'annotation&annotationName=a&x-id=GetObjectAnnotation', 'GetObjectAnnotation', 'forward'],
    ['GET object', 'annotation&x-id=ListObjectAnnotations', 'ListObjectAnnotations', 'forward'],
    ['GET object', 'attributes', 'GetObjectAttributes', 'forward'],
    ['GET object', 'legal-hold', 'GetObjectLegalHold', 'forward'],
    ['GET object', 'retention', 'GetObjectRetention', 'forward'],
    ['GET object', 'tagging', 'GetObjectTagging', 'forward'],
    ['GET object', 'torrent', 'GetObjectTorrent', 'forward'],
    ['GET object', 'max-parts=10&uploadId=a&x-id=ListParts', 'ListParts', 'forward'],

    ['PUT object', '', 'PutObject', 'key'],
    ['PUT object', 'x-id=PutObject', 'PutObject', 'key'],
    ['PUT object', '', 'PutObject', 'key', ['x-amz-write-offset-bytes', '1024']],
    ['PUT object', '', 'CopyObject', 'key', copy],
    ['PUT object', 'x-amz-copy-source=%2Fa%2Fb', 'CopyObject', 'key'],
    ['PUT object', 'renameObject', 'RenameObject', 'key-and-source', ['x-amz-rename-source', 'bucket/a']],
    ['PUT object', 'partNumber=1&uploadId=a', 'UploadPart', 'nothing'],
    ['PUT object', 'partNumber=1&uploadId=a&x-id=UploadPart', 'UploadPart', 'nothing'],
    ['PUT object', `${signed}&partNumber=1&uploadId=a&x-amz-checksum-crc32=b`, 'UploadPart', 'nothing'],
    ['PUT object', 'partNumber=1&uploadId=a', 'UploadPartCopy', 'nothing', copy],
    ['PUT object', 'acl', 'PutObjectAcl', 'key'],
    ['PUT object', 'annotation&annotationName=a', 'PutObjectAnnotation', 'key'],
    ['PUT object', 'legal-hold', 'PutObjectLegalHold', 'key'],
    ['PUT object', 'retention&versionId=1', 'PutObjectRetention', 'key'],
    ['PUT object', 'tagging=', 'PutObjectTagging', 'key'],
    ['PUT object', 'encryption', 'UpdateObjectEncryption', 'key'],
    ['POST object', 'uploads', 'CreateMultipartUpload', 'nothing'],
    ['POST object', 'uploads=&x-id=CreateMultipartUpload', 'CreateMultipartUpload', 'nothing'],
    ['POST object', 'uploadId=a', 'CompleteMultipartUpload', 'key'],
    ['POST object', 'restore', 'RestoreObject', 'key'],
    ['POST object', 'restore&versionId=1', 'RestoreObject', 'key'],
    ['POST object', 'select&select-type=2', 'SelectObjectContent', 'forward'],
    ['DELETE object', '', 'DeleteObject', 'key'],
    ['DELETE object', 'versionId=1', 'DeleteObject', 'key'],
    ['DELETE object', 'uploadId=a', 'AbortMultipartUpload', 'nothing'],
    ['DELETE object', 'tagging', 'DeleteObjectTagging', 'key'],

    ['GET bucket', '', 'ListObjects', 'forward'],
    ['GET bucket', 'prefix=a&delimiter=%2F', 'ListObjects', 'forward'],
    ['GET bucket', 'list-type=2&prefix=a', 'ListObjectsV2', 'forward'],
    ['GET bucket', 'versions', 'ListObjectVersions', 'forward'],
    ['GET bucket', 'uploads', 'ListMultipartUploads', 'forward'],
    ['GET bucket', 'session', 'CreateSession', 'forward'],
    ['HEAD bucket', '', 'HeadBucket', 'forward'],
    ['GET bucket', 'location', 'GetBucketLocation', 'forward'],
    ['GET bucket', 'policy', 'GetBucketPolicy', 'forward'],
    ['GET bucket', 'policyStatus', 'GetBucketPolicyStatus', 'forward'],
    ['GET bucket', 'object-lock', 'GetObjectLockConfiguration', 'forward'],
    ['GET bucket', 'analytics&id=a', 'GetBucketAnalyticsConfiguration', 'forward'],
    ['GET bucket', 'analytics&continuation-token=a', 'ListBucketAnalyticsConfigurations', 'forward'],
    ['PUT bucket', '', 'CreateBucket', 'bucket'],
    ['DELETE bucket', '', 'DeleteBucket', 'bucket'],
    ['PUT bucket', 'policy', 'PutBucketPolicy', 'bucket'],
    ['PUT bucket', 'acl', 'PutBucketAcl', 'bucket'],
    ['DELETE bucket', 'publicAccessBlock', 'DeletePublicAccessBlock', 'bucket'],
    ['PUT bucket', 'cors', 'PutBucketCors', 'nothing'],
    ['PUT bucket', 'metrics&id=a', 'PutBucketMetricsConfiguration', 'nothing'],
    ['DELETE bucket', 'website', 'DeleteBucketWebsite', 'bucket'],
    ['DELETE bucket', 'analytics&id=a', 'DeleteBucketAnalyticsConfiguration', 'bucket'],
    ['POST bucket', 'metadataConfiguration', 'CreateBucketMetadataConfiguration', 'nothing'],
    ['POST bucket', 'delete', 'DeleteObjects', 'listed-keys'],
    ['POST bucket', 'delete=&x-id=DeleteObjects', 'DeleteObjects', 'listed-keys'],
    ['POST bucket', '', 'PostObject', 'form-key', form],
    ['POST bucket', '', 'PostObject', 'form-key', ['content-type', ' Multipart/Form-Data;boundary=a']],
    ['POST bucket', 'x-id=WriteGetObjectResponse', 'WriteGetObjectResponse', 'nothing', ['x-amz-request-route', 'a']],

    ['GET service', '', 'ListBuckets', 'forward'],
    ['GET service', 'max-buckets=5', 'ListBuckets', 'forward'],
    ['GET service', 'x-id=ListDirectoryBuckets', 'ListDirectoryBuckets', 'forward'],
    ['POST service', 'Action=AssumeRole', 'Unknown', 'forward'],
    ['OPTIONS object', '', 'CorsPreflight', 'forward', ['Origin', 'a', 'Access-Control-Request-Method', 'PUT']],
    ['OPTIONS bucket', 'delete', 'CorsPreflight', 'forward'],
  ])('%s ?%s is %s: %s', (on, query, name, expected, headers) => {
    const operation = classify(on, query, headers)
    expect([operation.name, effect(operation)]).toEqual([name, expected])
  })

  // Where a store may read a request otherwise than it seems, more is invalidated rather than less.
  it.each<Example>([
    ['PUT object', 'uploadId=a', 'PutObject', 'key'],
    ['PUT object', 'partNumber=1', 'PutObject', 'key'],
    ['PUT object', 'partNumber=1&uploadId=', 'PutObject', 'key'],
    ['PUT object', 'partNumber&uploadId', 'PutObject', 'key'],
    ['PUT object', 'partNumber=1&uploadId=a&acl', 'UploadPart', 'key'],
    ['PUT object', 'partNumber=1&uploadId=a&unknown=1', 'UploadPart', 'key'],
    ['PUT object', 'PartNumber=1&UploadId=a', 'PutObject', 'key'],
    ['PUT object', 'unknown', 'PutObject', 'key'],
    ['PUT object', '', 'PutObject', 'bucket', ['X-Amz-Meta-Snowball-Auto-Extract', 'true']],
    ['PUT object', '', 'PutObject', 'bucket', ['X-Minio-Extract', 'true']],
    ['POST object', 'uploads&uploadId=a', 'CreateMultipartUpload', 'key'],
    ['POST object', 'select&select-type=2&uploadId=a', 'CompleteMultipartUpload', 'key'],
    ['POST object', 'select', 'Unknown', 'key'],
    ['POST object', 'select&select-type=2&unknown', 'SelectObjectContent', 'key'],
    ['POST object', '', 'Unknown', 'key', form],
    ['POST object', 'delete', 'Unknown', 'key'],
    ['DELETE object', 'uploadId=', 'DeleteObject', 'key'],
    ['DELETE object', 'uploadId=a&versionId=b', 'AbortMultipartUpload', 'key'],
    ['DELETE object', 'uploadId=a', 'DeleteObject', 'bucket', ['x-minio-force-delete', 'true']],
    ['POST bucket', 'delete&uploads', 'DeleteObjects', 'bucket'],
    ['POST bucket', 'unknown', 'PostObject', 'bucket', form],
    ['POST bucket', '', 'Unknown', 'bucket', ['Content-Type', 'application/x-www-form-urlencoded']],
    ['PUT bucket', 'cors&unknown', 'PutBucketCors', 'bucket'],
    ['PUT bucket', 'unknown', 'CreateBucket', 'bucket'],
    ['DELETE bucket', 'unknown', 'DeleteBucket', 'bucket'],
    ['PATCH object', '', 'Unknown', 'key'],
    ['get object', '', 'Unknown', 'key'],
    ['PROPFIND bucket', '', 'Unknown', 'bucket'],
    ['TRACE object', '', 'Unknown', 'forward'],
    ['PURGE service', '', 'Unknown', 'forward'],
  ])('doubts %s ?%s: %s, %s', (on, query, name, expected, headers) => {
    const operation = classify(on, query, headers)
    expect([operation.name, effect(operation)]).toEqual([name, expected])
  })

  it('shares its answers', () => {
    expect(classify('GET object')).toBe(classify('GET object', 'x-id=GetObject'))
    expect(classify('PUT object')).toBe(classify('PUT object'))
  })

  it('finds every row of the table', () => {
    for (const row of operationTable) {
      const {
        on,
        name,
        when,
        header,
      }: (typeof operationTable)[number] & { when?: readonly string[]; header?: string } = row
      const [headerName = '', value = 'x'] = header?.split(': ') ?? []
      const operation = classify(on, when?.join('&') ?? '', header === undefined ? [] : [headerName, value])
      expect([operation.name, effect(operation)], `${on} ${name}`).toEqual([name, row.effect])
    }
  })

  it('never takes a write for a read, nor a read for a write, whatever the query', () => {
    const methods = fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'DELETE', 'PATCH', 'COPY')
    const scopes = fc.constantFrom('bucket', 'object')
    const names = fc.constantFrom(
      'acl',
      'uploads',
      'uploadId=a',
      'partNumber=1',
      'delete',
      'select',
      'select-type=2',
      'tagging',
      'x',
    )
    fc.assert(
      fc.property(methods, scopes, fc.array(names, { maxLength: 4 }), (method, scope, query) => {
        const operation = classify(`${method} ${scope}`, query.join('&'))
        if (['GET', 'HEAD', 'OPTIONS'].includes(method)) expect(operation.kind).not.toBe('write')
        else expect(operation.kind === 'write' || operation.name === 'SelectObjectContent').toBe(true)
        if (operation.kind === 'read') expect(scope).toBe('object')
      }),
    )
  })
})

it('tells reads apart without their header fields', () => {
  expect(operationTable.filter((row) => /^(GET|HEAD) /.test(row.on) && 'header' in row)).toEqual([])
})
