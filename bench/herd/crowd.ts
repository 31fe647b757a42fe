import { createContent } from '../lib/content.ts'
import { answerQuestions } from '../lib/helper.ts'
import { connectRaw, type RawConnection, type RawRequest } from '../lib/raw-connection.ts'

/** A herd to let loose: each client sends its requests in order over `connections` connections. */
export interface CrowdQuestion {
  readonly port: number
  /** Kinds of client: what each of them reads. */
  readonly scripts: readonly (readonly RawRequest[])[]
  /** For each client, the index of its script. */
  readonly clients: readonly number[]
  /** Connections of each client, over which it reads several parts at once. */
  readonly connections: number
}

/** How it went. Times in milliseconds. */
export interface CrowdReport {
  /** From the first request to the last byte of the last answer. */
  readonly wallMs: number
  readonly bytes: number
  readonly requests: number
  /** Answers that never came, broke off, had another status than 200 or 206, or other bytes than those of the object. */
  readonly wrong: number
  /** Time to first byte of requests whose answer came from the origin, and of all the others. */
  readonly leaders: readonly number[]
  readonly followers: readonly number[]
  /** Processor time of the crowd itself. */
  readonly cpuSeconds: number
}

const content = createContent()
const buffer = Buffer.allocUnsafeSlow(512 * 1024)
/** What proxies call an answer that they fetched. */
const fetched: ReadonlySet<string> = new Set(['MISS', 'EXPIRED', 'BYPASS'])

answerQuestions<CrowdQuestion, CrowdReport>(async ({ port, scripts, clients, connections }) => {
  const options = { port, content, thoroughness: 'sample', buffer } as const
  const teams = await Promise.all(
    clients.map(async (script) => ({
      requests: scripts[script] ?? [],
      members: await Promise.all(Array.from({ length: connections }, () => connectRaw(options))),
    })),
  )
  const leaders: number[] = []
  const followers: number[] = []
  let bytes = 0
  let requests = 0
  let wrong = 0

  const work = async (connection: RawConnection, queue: Iterator<RawRequest>): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      const answer = await connection.get(next.value)
      requests++
      bytes += answer.bytes
      if (answer.kind === 'broken') {
        wrong++
        return
      }
      if (!answer.intact || (answer.status !== 200 && answer.status !== 206)) wrong++
      const times = fetched.has(answer.cache) ? leaders : followers
      times.push(answer.firstByteMs)
    }
  }
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await Promise.all(
    teams.flatMap(({ requests: script, members }) => {
      const queue = script.values()
      return members.map((connection) => work(connection, queue))
    }),
  )
  const wallMs = performance.now() - startedAt
  const cpu = process.cpuUsage(cpuBefore)
  for (const { members } of teams) for (const connection of members) connection.destroy()
  wrong += teams.reduce((sum, team) => sum + team.requests.length, 0) - requests
  return { wallMs, bytes, requests, wrong, leaders, followers, cpuSeconds: (cpu.user + cpu.system) / 1e6 }
})
