import { createServer } from 'node:http'

/** One request as the store saw it. */
export interface StoreRequest {
  /** The S3 API name: `GetObject`, `HeadObject`, `PutObjectPart`, … */
  readonly api: string
  readonly bucket: string
  /** The key as UTF-8 text. */
  readonly key: string
  readonly status: number
  /** Body bytes the store received. */
  readonly bytesIn: number
  /** Body bytes the store sent. */
  readonly bytesOut: number
  /** `Host` as the store got it. */
  readonly host: string
  /** Path as the store got it, decoded. */
  readonly path: string
  /** Header names as the store shows them. */
  readonly headers: Readonly<Record<string, string>>
}

/** Receives a MinIO server's audit log, one entry per answered request. */
export interface AuditLog {
  readonly url: string
  readonly entries: readonly StoreRequest[]
  /** Resolves when a request for `path` is in the log. */
  seen(path: string): Promise<void>
  close(): Promise<void>
}

interface AuditRecord {
  readonly api?: {
    readonly name?: string
    readonly bucket?: string
    readonly object?: string
    readonly statusCode?: number
    readonly rx?: number
    readonly tx?: number
  }
  readonly requestHost?: string
  readonly requestPath?: string
  readonly requestHeader?: Readonly<Record<string, string>>
}

/** Starts a listener on a free port of 127.0.0.1. */
export async function startAuditLog(): Promise<AuditLog> {
  const entries: StoreRequest[] = []
  let watchers: { readonly path: string; readonly resolve: () => void }[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    request.on('end', () => {
      response.end()
      for (const line of text.split('\n')) {
        if (line.trim() === '') continue
        const entry = toStoreRequest(JSON.parse(line) as AuditRecord)
        entries.push(entry)
        watchers = watchers.filter(({ path, resolve }) => {
          if (entry.path === path) resolve()
          return entry.path !== path
        })
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    entries,
    seen(path) {
      if (entries.some((entry) => entry.path === path)) return Promise.resolve()
      return new Promise((resolve) => watchers.push({ path, resolve }))
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function toStoreRequest({ api = {}, requestHost, requestPath, requestHeader }: AuditRecord): StoreRequest {
  return {
    api: api.name ?? '',
    bucket: api.bucket ?? '',
    key: api.object ?? '',
    status: api.statusCode ?? 0,
    bytesIn: api.rx ?? 0,
    bytesOut: api.tx ?? 0,
    host: requestHost ?? '',
    path: requestPath ?? '',
    headers: requestHeader ?? {},
  }
}
