import { readFileSync } from 'node:fs'
import { formatTable } from './lib/table.ts'

// node bench/profile.ts FILE.cpuprofile — what the processor's time went to, by function and by file.

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
}

interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('Give the path of a .cpuprofile, as `--cpu-prof DIR` of a benchmark writes it.')
const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile

const self = new Map<number, number>()
for (const [index, id] of profile.samples.entries()) {
  self.set(id, (self.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0))
}
const byFunction = new Map<string, number>()
const byFile = new Map<string, number>()
let busyUs = 0
for (const { id, callFrame } of profile.nodes) {
  const microseconds = self.get(id) ?? 0
  if (callFrame.functionName === '(idle)') continue
  busyUs += microseconds
  const place = callFrame.url.replace(/^.*\/(packages|apps|node_modules)\//, '$1/')
  const name = callFrame.functionName || '(anonymous)'
  add(byFunction, place === '' ? name : `${name}  ${place}:${callFrame.lineNumber + 1}`, microseconds)
  add(byFile, place === '' ? name : place, microseconds)
}
for (const [title, times] of [
  ['function', byFunction],
  ['file', byFile],
] as const) {
  const top = [...times].sort(([, a], [, b]) => b - a).slice(0, 40)
  const rows = top.map(([name, microseconds]) => [name, `${((microseconds / busyUs) * 100).toFixed(1)} %`])
  process.stdout.write(`${formatTable([title, 'self'], rows)}\n`)
}

function add(map: Map<string, number>, key: string, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value)
}
