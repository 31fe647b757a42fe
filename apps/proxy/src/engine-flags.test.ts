import { expect, test } from 'vitest'
import { missingEngineFlags } from './engine-flags.ts'

test.each([
  [[], ['--single-threaded-gc', '--no-allocation-site-pretenuring']],
  [['--cpu-prof', '--single-threaded-gc'], ['--no-allocation-site-pretenuring']],
  [['--no-single-threaded-gc', '--allocation_site_pretenuring'], []],
  [['--single-threaded-gc=false'], ['--no-allocation-site-pretenuring']],
  [['--nosingle-threaded-gc', '--noallocation-site-pretenuring'], []],
  [['--single-threaded-gc-in-background'], ['--single-threaded-gc', '--no-allocation-site-pretenuring']],
])('what is missing beside %j: %j', (given, missing) => {
  expect(missingEngineFlags(given)).toEqual(missing)
})
