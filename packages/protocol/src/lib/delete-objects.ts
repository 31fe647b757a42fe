import { SaxesParser } from 'saxes'

/** One object to delete. */
export interface ObjectToDelete {
  /** The key as a binary string: its UTF-8 bytes, one code unit each. Never empty. */
  readonly key: string
  /** Absent: the current version. */
  readonly versionId?: string
}

/** Why the body of a DeleteObjects request was not understood. */
export type DeleteObjectsFault =
  | 'too-large'
  | 'not-utf-8'
  | 'not-xml'
  /** A document type, which could define entities. */
  | 'doctype'
  /** Well-formed, but not a `Delete` of `Object`s with one `Key` each. */
  | 'unexpected-structure'
  /** More than the 1,000 that S3 accepts; another store may accept more. */
  | 'too-many-keys'

/** What a DeleteObjects request asks for. */
export type DeleteObjectsRequest =
  | { readonly kind: 'keys'; readonly objects: readonly ObjectToDelete[] }
  /** The store may understand what we do not: count on every key of the bucket to be gone. */
  | { readonly kind: 'unreadable'; readonly reason: DeleteObjectsFault }

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const maxKeys = 1000
/** 1,000 keys of 1,024 bytes and all that may stand beside them. A hostile body costs some 0.1 s per MiB. */
const maxBytes = 2 * 1024 * 1024
/** An object has five members. */
const maxElements = 10 * maxKeys
const maxAttributes = 100
/** Deeper elements mean nothing here, and what they cost must not grow. */
const maxDepth = 8
/** The parser is fed in pieces, so that it stops soon after a fault. */
const pieceLength = 4 * 1024

/**
 * Reads the XML body of a DeleteObjects request, without any aws-chunked coding. Entities and CDATA are resolved, keys
 * are *not* percent-decoded, namespaces are passed over.
 */
export function parseDeleteObjects(body: Uint8Array): DeleteObjectsRequest {
  if (body.length > maxBytes) return unreadable('too-large')
  const text = decodeUtf8(body)
  if (text === undefined) return unreadable('not-utf-8')
  // Not even read, for it may be long. That a key might hold these letters does not matter.
  if (text.includes('<!DOCTYPE')) return unreadable('doctype')

  let fault: DeleteObjectsFault | undefined
  const objects: ObjectToDelete[] = []
  /** Local names of the open elements, joined with `/`. */
  const path: string[] = []
  let key: string | undefined
  let versionId: string | undefined
  let collected: string | undefined
  let elements = 0
  let attributes = 0

  const fail = (reason: DeleteObjectsFault): void => {
    fault ??= reason
  }
  const collect = (piece: string): void => {
    if (collected !== undefined) collected += piece
  }

  const parser = new SaxesParser({ position: false })
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding)) fail('not-utf-8')
  })
  parser.on('error', () => fail('not-xml'))
  parser.on('text', collect)
  parser.on('cdata', collect)
  parser.on('attribute', () => {
    if (++attributes > maxAttributes) fail('unexpected-structure')
  })
  parser.on('opentag', ({ name }) => {
    if (++elements > maxElements) fail('unexpected-structure')
    if (collected !== undefined || path.length === maxDepth) return fail('unexpected-structure')
    path.push(name.slice(name.indexOf(':') + 1))
    switch (path.join('/')) {
      case 'Delete/Object':
        key = undefined
        versionId = undefined
        break
      case 'Delete/Object/Key':
        if (key !== undefined) fail('unexpected-structure')
        collected = ''
        break
      case 'Delete/Object/VersionId':
        if (versionId !== undefined) fail('unexpected-structure')
        collected = ''
        break
    }
  })
  parser.on('closetag', () => {
    switch (path.join('/')) {
      case 'Delete/Object':
        if (key === undefined || key === '') fail('unexpected-structure')
        else if (objects.length === maxKeys) fail('too-many-keys')
        else objects.push(versionId ? { key, versionId } : { key })
        break
      case 'Delete/Object/Key':
        key = Buffer.from(collected ?? '', 'utf8').toString('latin1')
        collected = undefined
        break
      case 'Delete/Object/VersionId':
        versionId = collected
        collected = undefined
        break
    }
    path.pop()
  })

  for (let start = 0; start < text.length && fault === undefined; start += pieceLength) {
    parser.write(text.slice(start, start + pieceLength))
  }
  if (fault === undefined) parser.close()
  if (fault !== undefined) return unreadable(fault)
  return objects.length === 0 ? unreadable('unexpected-structure') : { kind: 'keys', objects }
}

function unreadable(reason: DeleteObjectsFault): DeleteObjectsRequest {
  return { kind: 'unreadable', reason }
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
