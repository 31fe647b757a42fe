import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type BucketKind, parseHost } from './index.ts'

/** What the first column calls a virtual-hosted name whose bucket is something special. */
const specialBuckets: Readonly<Record<string, BucketKind>> = {
  '… a directory bucket': 'directory',
  '… an access point of one': 'directory-access-point',
  '… an access point alias': 'access-point-alias',
  '… an Object Lambda alias': 'object-lambda-alias',
  '… an Outposts alias': 'outposts-alias',
  '… a table bucket': 'table',
}

/** The rows of the first table of the README: what a host is, and the host. */
function documentedHosts(): (readonly [what: string, host: string])[] {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const table = readme.slice(readme.search(/^\| `kind` /m), readme.indexOf('(A test reads this table'))
  const rows: (readonly [string, string])[] = []
  let what = ''
  for (const line of table.split('\n').slice(2)) {
    const [, first = '', second = ''] = line.split('|').map((cell) => cell.trim())
    const host = /`([^`]+)`/.exec(second)?.[1]
    if (first !== '') what = first.replaceAll('`', '')
    if (host !== undefined) rows.push([what, host])
  }
  return rows
}

describe('README', () => {
  it('has a table of hosts', () => {
    expect(documentedHosts().length).toBeGreaterThan(40)
  })

  it.each(documentedHosts())('is right that %s is %s', (what, host) => {
    const form = parseHost(host)
    const special = specialBuckets[what]
    if (special === undefined) expect(form.kind).toBe(what)
    else expect(form).toMatchObject({ kind: 'virtual-hosted', bucketKind: special })
  })
})
