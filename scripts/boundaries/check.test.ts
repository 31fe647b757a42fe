import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkBoundaries } from './check.ts'

/** A small repository of these files, in a folder of its own. */
function repository(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 's3proxy-boundaries-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [path, text] of Object.entries({ ...base, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const manifest = (
  name: string,
  dependencies: readonly string[] = [],
  devDependencies: readonly string[] = [],
): string =>
  JSON.stringify({
    name,
    exports: { '.': './src/index.ts' },
    dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '*'])),
    devDependencies: Object.fromEntries(devDependencies.map((dependency) => [dependency, '*'])),
  })

const base = {
  'package.json': manifest('root', [], ['vitest']),
  'packages/protocol/package.json': manifest('@s3proxy/protocol'),
  'packages/protocol/src/index.ts': "export { a } from './lib/a.ts'",
  'packages/protocol/src/lib/a.ts': 'export const a = 1',
  'packages/testkit/package.json': manifest('@s3proxy/testkit', ['@s3proxy/protocol']),
  'packages/testkit/src/index.ts': "import '@s3proxy/protocol'",
  'packages/router/package.json': manifest('@s3proxy/router', ['@s3proxy/protocol', 'yaml'], ['@s3proxy/testkit']),
  'packages/router/src/index.ts':
    "import { a } from '@s3proxy/protocol'\nimport type { B } from 'yaml'\nimport 'node:fs'",
  'packages/router/src/index.test.ts': "import '@s3proxy/testkit'\nimport { test } from 'vitest'\nimport './index.ts'",
  'tests/x.test.ts': "import '@s3proxy/router'\nimport '@s3proxy/testkit'\nimport '../tests/y.ts'",
}

const messages = (files: Readonly<Record<string, string>>): string[] =>
  checkBoundaries(repository(files)).map(({ file, message }) => `${file}: ${message}`)

test('a repository that keeps the rules has no violation', () => {
  expect(messages({})).toEqual([])
})

test.each([
  [
    'an import sideways',
    { 'packages/protocol/src/lib/a.ts': "export * from '@s3proxy/router'" },
    'packages/protocol/src/lib/a.ts: @s3proxy/protocol may not import @s3proxy/router',
  ],
  [
    'a type taken sideways',
    { 'packages/protocol/src/lib/a.ts': "export type { T } from '@s3proxy/router'" },
    'packages/protocol/src/lib/a.ts: @s3proxy/protocol may not import @s3proxy/router',
  ],
  [
    'an import made at run time',
    { 'packages/protocol/src/lib/a.ts': "export const a = () => import('@s3proxy/router')" },
    'packages/protocol/src/lib/a.ts: @s3proxy/protocol may not import @s3proxy/router',
  ],
  [
    'test help in a product file',
    { 'packages/router/src/more.ts': "import '@s3proxy/testkit'" },
    'packages/router/src/more.ts: @s3proxy/router may not import @s3proxy/testkit outside of tests',
  ],
  [
    'a relative path into another package',
    { 'packages/router/src/more.ts': "import '../../protocol/src/index.ts'" },
    'packages/router/src/more.ts: ../../protocol/src/index.ts leaves the package; import the other one by its name',
  ],
  [
    'a private file of another package',
    { 'packages/router/src/more.ts': "import '@s3proxy/protocol/src/lib/a.ts'" },
    'packages/router/src/more.ts: @s3proxy/protocol does not export ./src/lib/a.ts',
  ],
  [
    'a private file, taken by a test from outside',
    { 'tests/x.test.ts': "import '../packages/router/src/index.ts'" },
    'tests/x.test.ts: ../packages/router/src/index.ts reaches into @s3proxy/router',
  ],
  [
    'a package that is imported but not declared',
    { 'packages/router/src/more.ts': "import 'zod'" },
    'packages/router/src/more.ts: zod is imported but not among the runtime dependencies of @s3proxy/router',
  ],
  [
    'a development tool in a product file',
    { 'packages/router/src/more.ts': "import 'vitest'" },
    'packages/router/src/more.ts: vitest is imported but not among the runtime dependencies of @s3proxy/router',
  ],
  [
    'a package that is declared but not imported',
    { 'packages/router/src/index.ts': "import '@s3proxy/protocol'" },
    'packages/router/package.json: yaml is declared but not imported',
  ],
])('%s is found', (_what, files, message) => {
  expect(messages(files)).toContain(message)
})
