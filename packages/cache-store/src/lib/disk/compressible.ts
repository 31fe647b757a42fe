import { headerValue, type RawHeaders } from '@s3proxy/protocol'

/**
 * Whether the bytes of an object may be worth compressing, by what its headers say. What is encoded already, and formats that
 * compress themselves, are not tried; whatever else is decided by the gain on its first frame. Pure.
 */
export function mayCompress(headers: RawHeaders): boolean {
  const encoding = headerValue(headers, 'content-encoding')
  if (encoding !== undefined && !/^\s*(identity|aws-chunked)?\s*$/i.test(encoding)) return false
  const type = headerValue(headers, 'content-type')?.toLowerCase().split(';')[0]?.trim() ?? ''
  if (/^(text\/|font\/(ttf|otf))/.test(type) || /[/+](json|xml|yaml|javascript)$/.test(type)) return true
  if (/^(image|audio|video|font)\//.test(type)) return /^image\/(bmp|tiff|svg\+xml|x-portable)/.test(type)
  return !compressedTypes.test(type)
}

/** Archives, documents and tables that are compressed inside. */
const compressedTypes =
  /^application\/(zip|gzip|x-gzip|zstd|x-bzip2?|x-xz|x-7z-compressed|vnd\.rar|x-rar-compressed|x-lz4|java-archive|pdf|epub\+zip|vnd\.openxmlformats-.*|vnd\.oasis\.opendocument\..*|vnd\.apache\.(parquet|orc)|wasm-gzip)$/
