import { type ClientTools, findClientTools, findMinio, type MinioProgram } from '@s3proxy/testkit'
import type { TestProject } from 'vitest/node'
import { userCacheDir } from '../../scripts/bootstrap/user-cache.mjs'

declare module 'vitest' {
  export interface ProvidedContext {
    minio: MinioProgram
    tools: ClientTools
  }
}

/** Finds, builds or installs what the integration tests drive. In CI nothing may be missing. */
export default async function setup(project: TestProject): Promise<void> {
  const toolsDir = userCacheDir()
  const tools = await findClientTools({ toolsDir })
  const minio = await findMinio({ toolsDir })
  const missing = Object.entries({ minio, ...tools }).flatMap(([name, found]) =>
    found.kind === 'missing' ? [`${name}: ${found.why}`] : [],
  )
  if (missing.length > 0) {
    const text = `Integration tests cannot all run:\n${missing.join('\n')}`
    if (process.env['CI'] === 'true') throw new Error(text)
    console.error(`\n${text}\nTests that need them are SKIPPED, not passed.\n`)
  }
  project.provide('minio', minio)
  project.provide('tools', tools)
}
