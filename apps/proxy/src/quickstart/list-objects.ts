import type { QueryParameter } from '@s3proxy/protocol'
import type { SampleBucket } from './sample-answer.ts'

/** ListObjectsV2 over the samples, with `prefix` and `delimiter`; there are too few for pages. */
export function listObjects({ name, samples, lastModified }: SampleBucket, query: readonly QueryParameter[]): string {
  const value = (name: string): string => query.find((parameter) => parameter.name === name)?.value ?? ''
  const prefix = value('prefix')
  const delimiter = value('delimiter')
  const date = new Date(lastModified).toISOString()
  const folders = new Set<string>()
  const contents: string[] = []
  for (const { key, etag, body } of samples) {
    if (!key.startsWith(prefix)) continue
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    if (cut !== -1) {
      folders.add(key.slice(0, cut + delimiter.length))
      continue
    }
    contents.push(
      `<Contents><Key>${key}</Key><LastModified>${date}</LastModified><ETag>${etag.replaceAll('"', '&quot;')}</ETag>` +
        `<Size>${body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    )
  }
  const prefixes = [...folders].map((folder) => `<CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes>`)
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    `<Name>${name}</Name><Prefix></Prefix><KeyCount>${contents.length + prefixes.length}</KeyCount>` +
    `<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>${contents.join('')}${prefixes.join('')}</ListBucketResult>\n`
  )
}
