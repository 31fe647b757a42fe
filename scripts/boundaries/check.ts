import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, posix } from 'node:path'
import { preProcessFile } from 'typescript'
import { mayImport, ourScope, outerFolders, testOnlyPackages } from './rules.ts'
import { readManifest, readWorkspace, sourceFiles, type WorkspacePackage } from './workspace.ts'

/** An import, or a declared dependency, that the table does not allow. */
export interface Violation {
  /** Below the root. */
  readonly file: string
  readonly message: string
}

/** Holds every import of the repository against the table in `rules.ts`. Empty means that all is well. */
export function checkBoundaries(root: string): Violation[] {
  const packages = readWorkspace(root)
  const rootDependencies = Object.keys(readManifest(join(root, 'package.json')).devDependencies ?? {})
  return [
    ...packages.flatMap((one) => checkPackage(root, one, packages, rootDependencies)),
    ...outerFolders.flatMap((folder) => checkOuterFolder(root, folder, packages)),
  ]
}

function checkPackage(
  root: string,
  { folder, manifest }: WorkspacePackage,
  packages: readonly WorkspacePackage[],
  rootDependencies: readonly string[],
): Violation[] {
  const violations: Violation[] = []
  const allowed = mayImport[manifest.name] ?? []
  const runtime = new Set(
    Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies }),
  )
  const development = new Set([...runtime, ...Object.keys(manifest.devDependencies ?? {}), ...rootDependencies])
  const used = new Set<string>()

  for (const file of sourceFiles(root, `${folder}/src`)) {
    const isTest = isTestFile(file)
    const report = (message: string): void => void violations.push({ file, message })
    for (const specifier of importsOf(root, file)) {
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(file), specifier)
        if (!target.startsWith(`${folder}/`))
          report(`${specifier} leaves the package; import the other one by its name`)
        continue
      }
      if (isBuiltin(specifier)) continue
      const name = packageName(specifier)
      if (!isTest) used.add(name)
      if (name.startsWith(ourScope) && name !== manifest.name) {
        const isTestHelp = testOnlyPackages.includes(name)
        if (isTestHelp ? !isTest : !allowed.includes(name))
          report(`${manifest.name} may not import ${name}${isTestHelp ? ' outside of tests' : ''}`)
        const hidden = unexported(specifier, packages)
        if (hidden !== undefined) report(hidden)
      }
      const declared = isTest ? development : runtime
      // Files under `testing/` hold test bodies for others to run, with the runner those bring along.
      const isTestBody = /\/testing(\/|\.ts$)/.test(file) && rootDependencies.includes(name)
      if (name !== manifest.name && !declared.has(name) && !isTestBody) {
        report(`${name} is imported but not among the ${isTest ? '' : 'runtime '}dependencies of ${manifest.name}`)
      }
    }
  }
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (!used.has(name))
      violations.push({ file: `${folder}/package.json`, message: `${name} is declared but not imported` })
    if (testOnlyPackages.includes(name)) {
      violations.push({ file: `${folder}/package.json`, message: `${name} belongs in devDependencies` })
    }
  }
  return violations
}

/** Tests, benchmarks and scripts use packages as anybody else would: by name, through their exports. */
function checkOuterFolder(root: string, folder: string, packages: readonly WorkspacePackage[]): Violation[] {
  const violations: Violation[] = []
  for (const file of sourceFiles(root, folder)) {
    for (const specifier of importsOf(root, file)) {
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(file), specifier)
        const owner = packages.find((one) => target.startsWith(`${one.folder}/`))
        if (owner !== undefined) violations.push({ file, message: `${specifier} reaches into ${owner.manifest.name}` })
      } else if (specifier.startsWith(ourScope)) {
        const hidden = unexported(specifier, packages)
        if (hidden !== undefined) violations.push({ file, message: hidden })
      }
    }
  }
  return violations
}

/** What is wrong with importing `specifier` of ours: the package must exist and export that entry. */
function unexported(specifier: string, packages: readonly WorkspacePackage[]): string | undefined {
  const name = packageName(specifier)
  const target = packages.find((one) => one.manifest.name === name)
  if (target === undefined) return `${name} is no package of this repository`
  const entry = specifier === name ? '.' : `.${specifier.slice(name.length)}`
  return target.manifest.exports?.[entry] === undefined ? `${name} does not export ${entry}` : undefined
}

function importsOf(root: string, file: string): string[] {
  const { importedFiles } = preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
  return importedFiles.map(({ fileName }) => fileName)
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function isTestFile(file: string): boolean {
  return /\.test\.ts$|\.test-d\.ts$|\.bench\.ts$/.test(file)
}
