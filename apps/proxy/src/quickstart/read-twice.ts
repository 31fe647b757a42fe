import { request } from 'node:http'

/** Reads an object twice through the proxy, as a client would, and says in a line each where it came from. */
export async function readTwice(port: number, path: string, host: string): Promise<readonly string[]> {
  return [await line('first ', port, path, host), await line('second', port, path, host)]
}

const origins: Readonly<Record<string, string>> = {
  HIT: 'from the cache',
  REVALIDATED: 'from the cache, confirmed by the store',
  MISS: 'from the store',
}

function line(which: string, port: number, path: string, host: string): Promise<string> {
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers: { Host: host } }, (response) => {
      response.resume()
      response.once('error', reject)
      response.once('end', () => {
        const cache = String(response.headers['x-cache'] ?? '?')
        const tookMs = (performance.now() - startedAt).toFixed(1)
        resolve(
          `  ${which}  ${response.statusCode}  X-Cache: ${cache.padEnd(11)} ${tookMs} ms  ${origins[cache] ?? ''}`,
        )
      })
    })
    sent.once('error', reject)
    sent.end()
  })
}
