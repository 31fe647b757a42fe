import { createServer } from 'node:net'

/** Below the ports that Linux gives to outgoing connections, so that none takes the port before its server does. */
const firstPort = 12_000
const lastPort = 31_999
const attempts = 100

/** A port of 127.0.0.1 that nobody listens on now; for programs that cannot be told to pick one themselves. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort + 1))
    if (await isFree(port)) return port
  }
  throw new Error(`no free port in ${attempts} attempts`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
