/** What an S3 error document holds (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html). */
export interface S3ErrorOptions {
  /** The error code, such as `NoSuchKey`. */
  readonly code: string
  readonly message: string
  /** The same id as in the `x-amz-request-id` header; the SDKs show this one. */
  readonly requestId: string
  /** The value of `x-amz-id-2`. Default: no `HostId` element. */
  readonly hostId?: string | undefined
  /** The path asked for. Default: no `Resource` element. Cut after 1,024 characters. */
  readonly resource?: string | undefined
}

/** An S3 key has at most 1,024 bytes; a longer path says nothing more. */
const maxTextLength = 1024

/** An S3 error as XML; to be sent as UTF-8 with `Content-Type: application/xml`. Any text may be passed in. */
export function formatS3Error(options: S3ErrorOptions): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error>' +
    element('Code', options.code) +
    element('Message', options.message) +
    element('Resource', options.resource) +
    element('RequestId', options.requestId) +
    element('HostId', options.hostId) +
    '</Error>'
  )
}

function element(name: string, text: string | undefined): string {
  return text === undefined ? '' : `<${name}>${escapeText(text.slice(0, maxTextLength))}</${name}>`
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Escapes markup; what XML 1.0 cannot hold at all (most control characters, lone surrogates) becomes U+FFFD. */
function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => references[character] ?? character)
    .replace(/\r/g, '&#13;')
}
