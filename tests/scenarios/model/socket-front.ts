import { createFastLane, type Gateway, listen } from '@s3proxy/gateway'
import { headerValue } from '@s3proxy/protocol'
import { connectHttp, type HttpConnection } from '@s3proxy/testkit'
import type { Front, FrontClient, Manners, Outcome } from './front.ts'
import type { Random } from './random.ts'
import type { ModelRequest } from './requests.ts'
import type { Turnstile } from './turnstile.ts'

/** What the front works with. */
export interface SocketFrontOptions {
  readonly gateway: Gateway
  readonly random: Random
  readonly turnstile: Turnstile
}

/** Clients that reach the gateway over the loopback and keep their connections. */
export async function startSocketFront({ gateway, random, turnstile }: SocketFrontOptions): Promise<Front> {
  const complaints: string[] = []
  const listening = await listen(createFastLane({ gateway }), { port: 0, bind: '127.0.0.1' })
  if (listening.kind === 'failed') throw new Error(listening.message)
  const { port } = listening
  return {
    complaints,
    connect: () => createSocketClient(port, random, turnstile),
    close: () => listening.drain(0),
  }
}

function createSocketClient(port: number, random: Random, turnstile: Turnstile): FrontClient {
  let kept: HttpConnection | undefined
  const forget = (connection: HttpConnection): void => {
    connection.destroy()
    kept = undefined
  }
  return {
    async send(request, manners) {
      kept ??= await connectHttp({ port })
      const connection = kept
      const outcome = await exchange(connection, request, manners, random.fork(request.id), turnstile)
      const closes = headerValue(outcome.answer?.headers ?? [], 'connection')?.toLowerCase() === 'close'
      if (outcome.kind !== 'complete' || closes) forget(connection)
      return outcome
    },
    close() {
      if (kept !== undefined) forget(kept)
    },
  }
}

async function exchange(
  connection: HttpConnection,
  request: ModelRequest,
  { leaves, slowness }: Manners,
  random: Random,
  turnstile: Turnstile,
): Promise<Outcome> {
  let hasLeft = false
  const chunks: Buffer[] = []
  let received = 0
  const leave = (): void => {
    hasLeft = true
    connection.destroy()
  }
  let isOver = false
  const leaveLater = async (): Promise<void> => {
    for (let turns = random.int(0, 3); turns >= 0; turns--) await turnstile.hold()
    if (!isOver) leave()
  }
  const upload = async (): Promise<void> => {
    await connection.send(formatHead(request))
    const { body } = request
    if (body === undefined) return
    const half = body.length >> 1
    await connection.send(body.subarray(0, half))
    if (leaves === 'uploading') return leave()
    if (random.chance(slowness)) await turnstile.hold()
    await connection.send(body.subarray(half))
  }
  // A store that refuses early makes the proxy close while the body is still being sent.
  const sending = upload().catch(() => undefined)
  if (leaves === 'waiting') void leaveLater()
  const partWanted = typeof leaves === 'object' ? leaves.afterPart : undefined
  try {
    const { status, headers, end } = await connection.receive({
      method: request.method,
      async onBody(bytes) {
        chunks.push(bytes)
        received += bytes.length
        if (partWanted !== undefined && received >= partWanted * (request.body?.length ?? 1000)) leave()
        if (!hasLeft && random.chance(slowness)) await turnstile.hold()
      },
    })
    isOver = true
    if (end.kind === 'complete') await sending
    const answer = { status, headers, body: Buffer.concat(chunks) }
    if (hasLeft) return { kind: 'left', answer }
    return { kind: end.kind === 'complete' ? 'complete' : 'broken', answer }
  } catch {
    isOver = true
    return { kind: hasLeft ? 'left' : 'broken', answer: undefined }
  }
}

function formatHead({ method, target, headers }: ModelRequest): string {
  const lines = [`${method} ${target} HTTP/1.1`]
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
