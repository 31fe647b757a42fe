/**
 * Query parameters that carry credentials, lower case: presigned URLs of Signature Version 4 and 2
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html) and session tokens.
 */
export const secretParameters: ReadonlySet<string> = new Set([
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
  'x-amz-s3session-token',
  'signature',
  'awsaccesskeyid',
  'x-amz-server-side-encryption-customer-key',
  'x-amz-copy-source-server-side-encryption-customer-key',
])

/** Header fields and object properties whose values are never written down, lower case. */
export const secretNames: readonly string[] = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-amz-security-token',
  'x-amz-s3session-token',
  'x-amz-server-side-encryption-customer-key',
  'x-amz-copy-source-server-side-encryption-customer-key',
  'signature',
  'password',
  'secret',
  'token',
  'sessiontoken',
  'secretkey',
  'secretaccesskey',
]

/** What stands in the place of a secret. */
export const redacted = 'REDACTED'
