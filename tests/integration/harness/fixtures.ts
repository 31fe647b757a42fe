import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { patternContent } from '@s3proxy/testkit'

/** An object that the clients read. */
export interface Fixture {
  readonly key: string
  readonly size: number
  readonly sha256: string
  /** A file with its bytes, to upload from. */
  readonly file: string
}

const MiB = 1024 * 1024

/** Sizes around the limits where clients change their ways, and names that are easily spoilt on the way. */
const shapes: readonly (readonly [key: string, size: number])[] = [
  ['empty', 0],
  ['one-byte', 1],
  ['one-mebibyte.bin', MiB],
  ['just-over-a-part.bin', 8 * MiB + 3],
  ['many-parts.bin', 40 * MiB],
  ['with space/and another.txt', 1001],
  ['naïve/日本語/ключ-😀.txt', 1002],
  ['plus+plus/a+b.txt', 1003],
  ['percent%2Fencoded/100%.txt', 1004],
  ['dots/v1.2..3/.hidden', 1005],
]

/** The keys of all fixtures, known before they are made. */
export const fixtureKeys: readonly string[] = shapes.map(([key]) => key)

/** Makes the fixtures' files below `dir`; the same bytes every time. */
export async function makeFixtures(dir: string): Promise<readonly Fixture[]> {
  await mkdir(dir, { recursive: true })
  return Promise.all(
    shapes.map(async ([key, size], index) => {
      const bytes = patternContent(size, index + 1).slice(0, size)
      const file = join(dir, String(index))
      await writeFile(file, bytes)
      return { key, size, sha256: createHash('sha256').update(bytes).digest('hex'), file }
    }),
  )
}
