/** What is said about the space of a key. */
export interface SpaceRule {
  /** Whether it stays when room is made. */
  readonly pinned: boolean
  /** The bytes that all keys of the same name may take together. */
  readonly quota: Quota | undefined
}

export interface Quota {
  readonly name: string
  readonly bytes: number
}

/** The rules now in force. May change at any time. */
export interface SpaceRules {
  /** Whether any key has one: while none has, nothing is spent on them. */
  readonly any: boolean
  of(key: string): SpaceRule
}

const ordinary: SpaceRule = { pinned: false, quota: undefined }

/** Every key is like every other. */
export const noSpaceRules: SpaceRules = { any: false, of: () => ordinary }
