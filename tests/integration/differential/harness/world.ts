import { createReaper, createTempDir, type Minio, type MinioProgram, startMinio } from '@s3proxy/testkit'
import { createLine, type Line } from './line.ts'
import { type DifferentialProxy, startDifferentialProxy } from './proxy.ts'
import { createSign, type Sign } from './sign.ts'

/** One store and the proxies in front of it. */
export interface World extends AsyncDisposable {
  readonly minio: Minio
  /** To the store itself. */
  readonly direct: Line
  /** One for each mode. */
  readonly proxies: readonly DifferentialProxy[]
  readonly sign: Sign
}

/** Starts MinIO with TLS and a proxy for each mode. */
export async function startWorld(program: Exclude<MinioProgram, { readonly kind: 'missing' }>): Promise<World> {
  const owned: AsyncDisposable[] = []
  const own = <T extends AsyncDisposable>(part: T): T => {
    owned.unshift(part)
    return part
  }
  const dispose = async (): Promise<void> => {
    for (const part of owned.splice(0)) await part[Symbol.asyncDispose]()
  }
  try {
    const dir = own(await createTempDir())
    const reaper = own(createReaper())
    const minio = own(await startMinio({ program, dir: dir.path, reaper, tls: 'on' }))
    const direct = own(createLine({ port: minio.port, tls: { ca: minio.caPem ?? '', servername: minio.domain } }))
    const proxies: DifferentialProxy[] = []
    for (const mode of ['s3', 'network', 'pages'] as const) {
      proxies.push(own(await startDifferentialProxy(mode, minio, `${dir.path}/cache`)))
    }
    const sign = createSign({ credentials: minio.credentials, host: minio.domain })
    return { minio, direct, proxies, sign, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}
