import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { createTempDir } from '../temp-dir.ts'
import { minioPath } from './build-minio.ts'
import { findMinio } from './find-minio.ts'
import { minioCommand } from './start-minio.ts'

async function program(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, '#!/bin/sh\n')
  await chmod(path, 0o755)
  return path
}

test('MINIO_BIN goes before PATH, PATH before the one built earlier', async () => {
  await using dir = await createTempDir()
  const toolsDir = join(dir.path, 'tools')
  const cached = await program(minioPath(toolsDir))
  expect(await findMinio({ toolsDir, env: {} })).toEqual({ kind: 'binary', path: cached })
  const onPath = await program(join(dir.path, 'bin', 'minio'))
  const env = { PATH: dirname(onPath) }
  expect(await findMinio({ toolsDir, env })).toEqual({ kind: 'binary', path: onPath })
  const named = await program(join(dir.path, 'my minio'))
  expect(await findMinio({ toolsDir, env: { ...env, MINIO_BIN: named } })).toEqual({ kind: 'binary', path: named })
})

test('a MINIO_BIN that is no program is said, not passed over', async () => {
  const found = await findMinio({ toolsDir: '/nowhere', env: { MINIO_BIN: '/nowhere/minio' } })
  expect(found).toEqual({ kind: 'missing', why: 'MINIO_BIN names /nowhere/minio, which is not an executable file' })
})

test('in a container the same server runs with the same settings', () => {
  const options = {
    dir: '/d',
    certsDir: '/d/certs',
    domain: 'minio.test',
    auditUrl: 'http://127.0.0.1:1/',
    port: 2,
    consolePort: 3,
  }
  const binary = minioCommand({ kind: 'binary', path: '/bin/minio' }, options)
  const container = minioCommand({ kind: 'container', engine: 'podman' }, options)
  expect(binary.args).toEqual([
    'server',
    ...['--address', '127.0.0.1:2', '--console-address', '127.0.0.1:3', '--certs-dir', '/d/certs', '/d/data'],
  ])
  expect(container.file).toBe('podman')
  expect(container.args.slice(-binary.args.length)).toEqual(binary.args)
  expect(container.args).toContain('MINIO_DOMAIN')
  expect(container.env).toEqual(binary.env)
})
