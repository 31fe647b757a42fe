export {
  type AwsChunkedDecoder,
  type AwsChunkedDecoderOptions,
  type AwsChunkedFault,
  type AwsChunkedResult,
  createAwsChunkedDecoder,
  isAwsChunked,
} from './lib/aws-chunked.ts'
export { type ByteRange, containsRange, intersectRanges, rangeLength, subtractRanges } from './lib/byte-range.ts'
export { type ByteSource, bufferSource, concatSources, readAll } from './lib/byte-source.ts'
export {
  type ConditionOutcome,
  type Conditions,
  evaluateConditions,
  hasConditions,
  readConditions,
  type Validators,
} from './lib/conditions.ts'
export {
  type ContentRange,
  formatContentRange,
  formatUnsatisfiedRange,
  parseContentRange,
} from './lib/content-range.ts'
export {
  type DeleteObjectsFault,
  type DeleteObjectsRequest,
  type ObjectToDelete,
  parseDeleteObjects,
} from './lib/delete-objects.ts'
export { type ErrorCode, errorCodes } from './lib/error-codes.ts'
export {
  type EntityTag,
  type EntityTagList,
  parseEntityTag,
  parseEntityTagList,
  strongMatch,
  weakMatch,
} from './lib/etag.ts'
export { createFormKeyReader, type FormKey, type FormKeyFault, type FormKeyReader } from './lib/form-key.ts'
export { combinedValue, endToEndHeaders, filterHeaders, headerValue, headerValues } from './lib/headers.ts'
export { formatHttpDate, parseHttpDate } from './lib/http-date.ts'
export { type BufferAccount, type MemoryBudget, minRunBytes, unlimitedBudget } from './lib/memory-budget.ts'
export type { RawHeaders, RequestHead, ResponseHead } from './lib/message.ts'
export { findObjectSum, type ObjectSum, type SumAlgorithm } from './lib/object-sum.ts'
export {
  classifyOperation,
  type Invalidation,
  type Operation,
  type OperationInput,
  type OperationName,
  type OperationScope,
} from './lib/operation.ts'
export { ownText } from './lib/own-text.ts'
export { percentDecodeOnce } from './lib/percent.ts'
export { castsDoubt, type ErrorSource, ProxyError, type ProxyErrorOptions, toProxyError } from './lib/proxy-error.ts'
export { parseQuery, type QueryParameter } from './lib/query.ts'
export { parseRangeHeader, type RangeSpec, type ResolvedRange, resolveRange } from './lib/range-header.ts'
export { parseReadParameters, type ReadParameters } from './lib/read-parameters.ts'
export { makeRequestId, requestIdLength } from './lib/request-id.ts'
export { formatS3Error, type S3ErrorOptions } from './lib/s3-error-body.ts'
export {
  type Authorization,
  isSigned,
  type PresignedV4,
  parseAuthorization,
  type SignedV4,
  type V4Fields,
} from './lib/sigv4.ts'
export { isChecksumHeader, storedHeaders } from './lib/stored-headers.ts'
