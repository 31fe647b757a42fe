import { type HostFormRow, hostForms } from './host-forms.ts'
import { isRegionName } from './partition.ts'

/** A row with its options taken and what was read from the labels. */
export interface HostFormMatch {
  readonly row: HostFormRow
  readonly fips: boolean
  readonly dualStack: boolean
  readonly region: string | undefined
  readonly zone: string | undefined
  readonly outpost: string | undefined
  /** Length of the text before the shape, the dot between them not counted; 0 if there is none. */
  readonly prefixLength: number
}

interface CompiledShape {
  readonly row: HostFormRow
  readonly fips: boolean
  readonly dualStack: boolean
}

/** The spellings of a shape with each `[…]` there and not. */
function spellings(shape: string): string[] {
  const open = shape.indexOf('[')
  if (open === -1) return [shape]
  const close = shape.indexOf(']', open)
  const before = shape.slice(0, open)
  return spellings(shape.slice(close + 1)).flatMap((rest) => [
    before + rest,
    before + shape.slice(open + 1, close) + rest,
  ])
}

const shapes: ReadonlyMap<string, CompiledShape> = new Map(
  hostForms.flatMap((row) =>
    spellings(row.shape).map((spelling) => [
      spelling,
      { row, fips: spelling.includes('-fips'), dualStack: spelling.includes('.dualstack') },
    ]),
  ),
)

/** Labels that stand in a shape as they are; no other label can continue one, unless it stands for a name. */
const literalLabels: ReadonlySet<string> = new Set(
  [...shapes.keys()].flatMap((shape) => shape.split('.')).filter((label) => !label.includes('{')),
)

/** Beginnings of labels that hold a region or a zone, the longer before the shorter. */
const compoundBeginnings: readonly string[] = [
  ...new Set(
    [...shapes.keys()].flatMap((shape) =>
      shape.split('.').flatMap((label) => (label.indexOf('{') > 0 ? [label.slice(0, label.indexOf('{'))] : [])),
    ),
  ),
].sort((a, b) => b.length - a.length)

const maxShapeLabels = Math.max(...[...shapes.keys()].map((shape) => shape.split('.').length))

const zoneName = /^[a-z0-9]+(?:-[a-z0-9]+){1,4}$/
const vpceName = /^vpce-[0-9a-z]+(?:-[0-9a-z]+)*$/
const outpostName = /^(?:op-[0-9a-z]+|ec2)$/

interface Token {
  /** The label as it stands in a shape. */
  readonly text: string
  readonly name?: 'region' | 'zone' | 'outpost'
  readonly value?: string
}

/** What `label` is in a shape, or undefined if it is in none. */
function tokenOf(label: string): Token | undefined {
  if (literalLabels.has(label)) return { text: label }
  if (isRegionName(label)) return { text: '{region}', name: 'region', value: label }
  if (vpceName.test(label)) return { text: '{vpce}' }
  if (outpostName.test(label)) return { text: '{outpost}', name: 'outpost', value: label }
  for (const beginning of compoundBeginnings) {
    if (!label.startsWith(beginning)) continue
    const value = label.slice(beginning.length)
    if (beginning.startsWith('s3express')) {
      if (zoneName.test(value)) return { text: `${beginning}{zone}`, name: 'zone', value }
    } else if (isRegionName(value)) {
      return { text: `${beginning}{region}`, name: 'region', value }
    }
  }
  return undefined
}

/**
 * Finds the longest shape at the end of `text`, a lower-case host name without the suffix of its partition. Labels are
 * read from the right until one is in no shape, so the work is bounded by the longest shape, whatever stands before it.
 */
export function matchHostForm(text: string): HostFormMatch | undefined {
  let found: HostFormMatch | undefined
  let shape = ''
  const names: { region?: string; zone?: string; outpost?: string } = {}
  let end = text.length
  for (let labels = 0; labels < maxShapeLabels && end > 0; labels++) {
    const start = text.lastIndexOf('.', end - 1) + 1
    const token = tokenOf(text.slice(start, end))
    if (token === undefined) break
    if (token.name !== undefined && token.value !== undefined) names[token.name] = token.value
    shape = shape === '' ? token.text : `${token.text}.${shape}`
    end = Math.max(start - 1, 0)
    const compiled = shapes.get(shape)
    if (compiled !== undefined) {
      found = {
        ...compiled,
        region: names.region ?? compiled.row.region,
        zone: names.zone,
        outpost: names.outpost,
        prefixLength: end,
      }
    }
  }
  return found
}
