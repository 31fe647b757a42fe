/** A function in a tree of calls. */
export interface Frame {
  readonly name: string
  /** Time in it and in what it called, microseconds. */
  readonly totalUs: number
  readonly children: readonly Frame[]
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Reads a `.cpuprofile` as Node.js writes it into one tree of calls; idle time is left out. Throws for anything else. */
export function foldProfile(text: string): Frame {
  const profile = JSON.parse(text) as Profile
  const self = new Map<number, number>()
  for (const [index, id] of profile.samples.entries()) {
    self.set(id, (self.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0))
  }
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const fold = (node: ProfileNode): Frame => {
    const children = (node.children ?? [])
      .flatMap((id) => nodes.get(id) ?? [])
      .filter(({ callFrame }) => callFrame.functionName !== '(idle)')
      .map(fold)
      .filter(({ totalUs }) => totalUs > 0)
    const below = children.reduce((sum, { totalUs }) => sum + totalUs, 0)
    return { name: nameOf(node), totalUs: (self.get(node.id) ?? 0) + below, children }
  }
  const root = profile.nodes[0]
  if (root === undefined) throw new Error('the profile is empty')
  return fold(root)
}

function nameOf({ callFrame }: ProfileNode): string {
  const { functionName, url, lineNumber } = callFrame
  const place = url.replace(/^.*\/(packages|apps|node_modules)\//, '$1/')
  const name = functionName === '' ? '(anonymous)' : functionName
  return place === '' ? name : `${name} ${place}:${lineNumber + 1}`
}
