import type { ReadCase } from './read-case.ts'
import type { Variables } from './variables.ts'
import type { World } from './world.ts'

/** Cases about one subject, and the objects they read. */
export interface ReadTable {
  readonly name: string
  /** Fills the store. The buckets `plain` and `public` are there already, with what `fixtures.ts` puts there. */
  prepare(world: World, variables: Variables): Promise<void>
  readonly cases: readonly ReadCase[]
}
