import { readFileSync } from 'node:fs'
import { flameGraph } from './lib/flame-graph.ts'
import { foldProfile } from './lib/fold-profile.ts'

// node bench/flame.ts FILE.cpuprofile > flame.svg — a flame graph of what `--cpu-prof DIR` of a benchmark wrote.

const [file] = process.argv.slice(2)
if (file === undefined || file === '--help') {
  process.stderr.write('node bench/flame.ts FILE.cpuprofile > flame.svg\n')
  process.exit(file === undefined ? 1 : 0)
}
process.stdout.write(flameGraph(foldProfile(readFileSync(file, 'utf8')), file.replace(/^.*\//, '')))
