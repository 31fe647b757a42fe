import type { RawRequest } from '../lib/raw-connection.ts'
import { signedHead } from '../lib/signed-request.ts'

/** What the clients of a herd read: part sizes in bytes, in turn; `whole` is one GET without Range. */
export interface Scenario {
  /** Its name on the command line and in tables. */
  readonly id: string
  readonly name: string
  readonly parts: readonly (number | 'whole')[]
  /** The most the origin may have sent, as a multiple of the object's size. */
  readonly allowedRatio: number
}

const mebibyte = 1 << 20

/** Everyone reads the same parts, as clients with the usual settings do. */
export const rangeScenario: Scenario = { id: 'ranges', name: '8 MiB ranges', parts: [8 * mebibyte], allowedRatio: 1.01 }

/** The herds that are measured. */
export const scenarios: readonly Scenario[] = [
  rangeScenario,
  { id: 'mixed', name: 'mixed parts', parts: [5 * mebibyte, 8 * mebibyte, 16 * mebibyte, 'whole'], allowedRatio: 1.1 },
]

/** The requests of each kind of client of a scenario, signed. */
export function writeScripts(scenario: Scenario, path: string, sizeBytes: number): Promise<RawRequest[][]> {
  return Promise.all(scenario.parts.map((part) => writeScript(part, path, sizeBytes)))
}

async function writeScript(part: number | 'whole', path: string, sizeBytes: number): Promise<RawRequest[]> {
  if (part === 'whole') return [{ head: await signedHead(path, undefined), start: 0, end: sizeBytes }]
  const requests: RawRequest[] = []
  for (let start = 0; start < sizeBytes; start += part) {
    const range = { start, end: Math.min(start + part, sizeBytes) }
    requests.push({ head: await signedHead(path, range), ...range })
  }
  return requests
}
