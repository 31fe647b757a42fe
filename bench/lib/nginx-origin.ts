import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCertificateAuthority, freePort, type Reaper } from '@s3proxy/testkit'
import { createContent } from './content.ts'
import { untilListening } from './nginx.ts'
import { bucket, storeHost } from './object-name.ts'
import { readUsage, type Usage } from './process-usage.ts'
import { startProgram } from './start-program.ts'

/** A store that costs little: nginx serving files, over TLS and without. */
export interface NginxOrigin {
  readonly httpPort: number
  readonly httpsPort: number
  /** PEM file with the authority of its certificate. */
  readonly caFile: string
  usage(): Usage
  stop(): Promise<void>
}

export interface NginxOriginOptions {
  readonly program: { readonly path: string }
  /** An empty folder. */
  readonly directory: string
  /** Sizes of the objects it has: any path that names one of these sizes is there. */
  readonly sizes: readonly number[]
  readonly cores?: string | undefined
  readonly reaper: Reaper
}

/** Starts it. Every `/bench/<label>/<size>-…` of one of the sizes is there, whatever the label: as many objects as one likes. */
export async function startNginxOrigin(options: NginxOriginOptions): Promise<NginxOrigin> {
  const { program, directory, sizes, cores, reaper } = options
  for (const folder of ['objects', 'logs', 'temp']) await mkdir(join(directory, folder), { recursive: true })
  for (const size of sizes) await writeObject(join(directory, 'objects', String(size)), size)
  const authority = await createCertificateAuthority()
  const { certPem, keyPem } = await authority.issue({ dnsNames: [storeHost], ips: ['127.0.0.1'] })
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(directory, name), text)
    return join(directory, name)
  }
  const caFile = await file('ca.pem', authority.caPem)
  const tls = { certificate: await file('cert.pem', certPem), key: await file('key.pem', keyPem) }
  const [httpPort, httpsPort] = [await freePort(), await freePort()]
  const config = await file('nginx.conf', configuration(directory, { httpPort, httpsPort, ...tls }))
  const args = ['-p', directory, '-e', join(directory, 'logs', 'error.log'), '-c', config]
  const started = startProgram({ file: program.path, args, cores, reaper })
  await untilListening(httpPort)
  return { httpPort, httpsPort, caFile, usage: () => readUsage(started.pid), stop: started.stop }
}

async function writeObject(path: string, size: number): Promise<void> {
  const file = await open(path, 'w')
  try {
    for (const piece of createContent().pieces(0, size, 1 << 20)) await file.write(piece)
  } finally {
    await file.close()
  }
}

interface Doors {
  readonly httpPort: number
  readonly httpsPort: number
  readonly certificate: string
  readonly key: string
}

function configuration(directory: string, doors: Doors): string {
  return `
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
worker_rlimit_nofile 16384;
daemon off;
pid ${directory}/nginx.pid;
events { worker_connections 8192; }
http {
  access_log off;
  sendfile on;
  tcp_nodelay on;
  keepalive_timeout 600s;
  keepalive_requests 100000000;
  open_file_cache max=1000 inactive=600s;
  default_type binary/octet-stream;
  client_body_temp_path ${directory}/temp/body;
  proxy_temp_path ${directory}/temp/proxy;
  fastcgi_temp_path ${directory}/temp/fastcgi;
  uwsgi_temp_path ${directory}/temp/uwsgi;
  scgi_temp_path ${directory}/temp/scgi;
  ssl_session_cache shared:tls:4m;
  server {
    listen 127.0.0.1:${doors.httpPort} backlog=1024;
    listen 127.0.0.1:${doors.httpsPort} ssl backlog=1024;
    ssl_certificate ${doors.certificate};
    ssl_certificate_key ${doors.key};
    ssl_protocols TLSv1.2 TLSv1.3;
    root ${directory}/objects;
    location ~ "^/${bucket}/[^/]+/([0-9]+)-" {
      try_files /$1 =404;
      add_header x-amz-request-id 0000000000000000;
      add_header X-Accel-Expires @1;
    }
  }
}
`
}
