import { createEveryRequestAuthoriser, createNetworkAuthoriser } from '@s3proxy/auth'
import { bucketKey } from '@s3proxy/router'
import type { FlagValue } from '../config/layers/flags.ts'
import type { Io } from '../io.ts'
import { freePort } from '../quickstart/free-port.ts'
import { readTwice } from '../quickstart/read-twice.ts'
import { startSampleOrigin } from '../quickstart/sample-origin.ts'
import { createSamples } from '../quickstart/samples.ts'
import { type ListenerPlace, listenerUrl, startProxy } from '../start-proxy.ts'
import { stopSignal } from '../stop-signal.ts'
import { exitCodes, loadFor, reportTrouble } from './load.ts'

/** Where a demo listens; a port that is taken is replaced by a free one. */
const ports = { http: 8000, health: 8080, metrics: 9090 }
const bucket = 'samples'
const lastModified = Date.UTC(2026, 0, 1)

/**
 * Runs a complete proxy with an embedded origin: nothing to configure, no account, no privileges, nobody but this machine
 * can reach it. The samples are public, so reads of them need no question to the origin; everything else is as always.
 */
export async function demo(flags: readonly FlagValue[], io: Io): Promise<number> {
  const origin = await startSampleOrigin({ name: bucket, samples: createSamples(), lastModified })
  try {
    const port = await choosePort(flags)
    const store = `localhost:${port}`
    const loaded = loadFor(
      { file: undefined, flags: [...(await demoFlags(origin.port, port)), ...flags.filter(isNotAnyPort)] },
      io,
    )
    reportTrouble(loaded, io)
    if (loaded.kind === 'invalid') return exitCodes.usage
    const samples = bucketKey({ namespace: `store:${store}`, bucket })
    const [ask, trust] = [createEveryRequestAuthoriser(), createNetworkAuthoriser()]
    const authoriser = {
      authorise: (request: Parameters<typeof ask.authorise>[0]) =>
        (request.bucket === samples ? trust : ask).authorise(request),
    }
    const started = await startProxy({ config: loaded.config, io, authoriser })
    if (started.kind === 'failed') {
      io.stderr.write(`s3proxy: ${started.message}\n`)
      return exitCodes.failed
    }
    const httpPort = started.listeners.get('http')?.port ?? port
    const metrics = started.listeners.get('metrics')
    const reads = await readTwice(httpPort, `/${bucket}/hello.txt`, store)
    io.stdout.write(`\nhello.txt, read twice:\n${reads.join('\n')}\n`)
    io.stdout.write(invitation(`http://localhost:${httpPort}`, metrics))
    await stopSignal(io)
    await started.stop()
    return exitCodes.ok
  } finally {
    await origin.close()
  }
}

/** The port that was asked for; a free one, near the usual, if none or any was. */
async function choosePort(flags: readonly FlagValue[]): Promise<number> {
  const asked = flags.findLast(({ path }) => path === 'server.http.port')
  // What is no port is reported with the rest of the configuration.
  if (asked === undefined || !/^\d{1,5}$/.test(asked.text)) return freePort(ports.http)
  return isNotAnyPort(asked) ? Number(asked.text) : freePort(0)
}

/** Port 0 has become a real one by now, which the samples' name holds. */
function isNotAnyPort({ path, text }: FlagValue): boolean {
  return path !== 'server.http.port' || Number(text) !== 0
}

/** The embedded defaults, but for what a first try needs: unprivileged ports on the loopback, and the samples. */
async function demoFlags(originPort: number, port: number): Promise<FlagValue[]> {
  const name = `localhost:${port}`
  const values: Record<string, string> = {
    'server.http.port': String(port),
    'server.http.bind': '127.0.0.1',
    'health.bind': '127.0.0.1',
    'health.port': String(await freePort(ports.health)),
    'metrics.bind': '127.0.0.1',
    'metrics.port': String(await freePort(ports.metrics)),
    'upstream.stores': `{"${name}": {scheme: http}, "127.0.0.1:${port}": {scheme: http, endpoint: "${name}"}}`,
    'upstream.endpoint_overrides': `{"localhost": ["127.0.0.1:${originPort}"]}`,
  }
  return Object.entries(values).map(([path, text]) => ({ path, text, flag: 'demo' }))
}

function invitation(base: string, metricsListener: ListenerPlace | undefined): string {
  const metrics = metricsListener === undefined ? '' : `  curl ${listenerUrl(metricsListener)}/metrics\n`
  return `
Try it:
  curl -i ${base}/${bucket}/hello.txt
  aws --endpoint-url ${base} --no-sign-request s3 cp s3://${bucket}/data/eight-mebibytes.bin /tmp/
${metrics}
Your own buckets, with the credentials you have (S3 is asked before each hit):
  HTTP_PROXY=${base} aws --endpoint-url http://s3.us-east-1.amazonaws.com s3 cp s3://BUCKET/KEY /tmp/

Ctrl-C stops it.
`
}
