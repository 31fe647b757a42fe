import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type PeersReport, reportPicture, reportText } from './peers/write-report.ts'

const help = `node bench/report.ts FILE.json [--svg FILE.svg]     Markdown of what \`bench:peers -- --out FILE.json\` wrote
  --svg FILE            draw the ratios there
Example
  npm run bench:peers -- --out peers.json && node bench/report.ts peers.json --svg docs/images/peers.svg`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' }, svg: { type: 'string' } },
})
const [file] = positionals
if (values.help === true || file === undefined) {
  process.stdout.write(`${help}\n`)
  process.exit(values.help === true ? 0 : 2)
}
const report = JSON.parse(readFileSync(file, 'utf8')) as Partial<PeersReport>
if (report.kind !== 'peers') throw new Error(`${file} is not what bench:peers writes`)
process.stdout.write(reportText(report as PeersReport))
if (values.svg !== undefined) writeFileSync(values.svg, reportPicture(report as PeersReport))
