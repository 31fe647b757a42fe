import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, type Reaper } from '@s3proxy/testkit'
import { type Contender, createContender } from './contender.ts'
import { storeHost } from './object-name.ts'
import { startProgram } from './start-program.ts'

export interface NginxOptions {
  /** Default `nginx`. */
  readonly name?: string
  readonly program: { readonly path: string; readonly version: string }
  /** An empty folder for cache, logs and configuration. */
  readonly directory: string
  readonly originPort: number
  /** Worker processes, or `auto`: one per core. */
  readonly workers: string
  /** How the origin is spoken to. Default `http`. */
  readonly scheme?: 'http' | 'https'
  /** Default `fresh-slices`. */
  readonly mode?: NginxMode
  /** Cores it may use. Default: all. */
  readonly cores?: string | undefined
  readonly reaper: Reaper
}

/**
 * `fresh-slices`: what is cached stays fresh, large objects in slices of 8 MiB. `revalidate`: whole objects, each hit asks the
 * origin with `If-None-Match` first; the origin has to say `X-Accel-Expires: @1`, as nginx keeps nothing of which it is told
 * that it is stale already.
 */
export type NginxMode = 'fresh-slices' | 'revalidate'

/** Starts nginx with `proxy_cache` on disk, tuned as its manual advises for large objects, and waits until it serves. */
export async function startNginx(options: NginxOptions): Promise<Contender> {
  const { program, directory, reaper } = options
  for (const folder of ['cache', 'temp', 'logs']) await mkdir(join(directory, folder), { recursive: true })
  const port = await freePort()
  const configFile = join(directory, 'nginx.conf')
  await writeFile(configFile, configuration(options, port))
  const args = ['-p', directory, '-e', join(directory, 'logs', 'error.log'), '-c', configFile]
  const started = startProgram({ file: program.path, args, cores: options.cores, reaper })
  await untilListening(port)
  return createContender({ ...started, name: options.name ?? 'nginx', version: program.version, port })
}

const caching: Readonly<Record<NginxMode, string>> = {
  'fresh-slices': `
      slice 8m;
      proxy_set_header Range $slice_range;
      proxy_ignore_headers X-Accel-Expires;
      proxy_cache_key $scheme$host$uri$slice_range;`,
  revalidate: `
      proxy_cache_revalidate on;
      proxy_cache_key $scheme$host$uri;`,
}

/**
 * Slices of 8 MiB, one request upstream for each whoever else waits (`proxy_cache_lock`), kept-alive connections to the
 * origin, sendfile, a buffered access log. Without `tcp_nopush`: with slices it holds the end of a small answer back for
 * 40 ms.
 */
function configuration(options: NginxOptions, port: number): string {
  const { directory, originPort, workers, scheme = 'http', mode = 'fresh-slices' } = options
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  return `
${user}
worker_processes ${workers};
worker_rlimit_nofile 16384;
daemon off;
pid ${directory}/nginx.pid;
error_log ${directory}/logs/error.log warn;
events { worker_connections 8192; }
http {
  access_log ${directory}/logs/access.log combined buffer=64k flush=5s;
  sendfile on;
  sendfile_max_chunk 2m;
  tcp_nodelay on;
  keepalive_timeout 60s;
  keepalive_requests 1000000;
  open_file_cache max=10000 inactive=60s;
  client_body_temp_path ${directory}/temp/body;
  proxy_temp_path ${directory}/temp/proxy;
  fastcgi_temp_path ${directory}/temp/fastcgi;
  uwsgi_temp_path ${directory}/temp/uwsgi;
  scgi_temp_path ${directory}/temp/scgi;
  proxy_cache_path ${directory}/cache levels=1:2 keys_zone=bench:64m max_size=4g inactive=1d use_temp_path=off;
  upstream origin { server 127.0.0.1:${originPort}; keepalive 256; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    server_name ${storeHost};
    location / {
      ${caching[mode]}
      proxy_pass ${scheme}://origin;
      proxy_ssl_session_reuse on;
      proxy_ssl_server_name on;
      proxy_ssl_name ${storeHost};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_cache bench;
      proxy_cache_valid 200 206 1d;
      proxy_cache_lock on;
      proxy_cache_lock_timeout 60s;
      proxy_cache_lock_age 60s;
      proxy_buffers 16 64k;
      proxy_buffer_size 64k;
      proxy_busy_buffers_size 128k;
      add_header X-Cache $upstream_cache_status;
    }
  }
}
`
}

/** Connects until somebody answers, for programs that do not say when they are ready. */
export async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (connected) return
    await sleep(25)
  }
  throw new Error('the program does not listen; see what it wrote to standard error')
}
