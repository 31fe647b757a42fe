import { expect, test } from 'vitest'
import { failedCheck } from './run-step.ts'
import { summarise } from './summary.ts'
import { countTests, type VitestReport } from './vitest-step.ts'

const report = (numbers: Partial<VitestReport>): VitestReport => ({
  success: true,
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...numbers,
})

const step = (passed: number, failed: number, skipped: number) => ({ name: 's', passed, failed, skipped, output: '' })

test('the last line adds the steps up', () => {
  const strict = { strict: true }
  expect(summarise([step(3, 0, 0), step(1, 0, 0)], strict)).toEqual({ line: '4 passed, 0 failed', exitCode: 0 })
  expect(summarise([step(3, 0, 0), failedCheck('x', '')], strict)).toEqual({ line: '3 passed, 1 failed', exitCode: 1 })
  expect(summarise([], strict)).toEqual({ line: '0 passed, 0 failed', exitCode: 1 })
})

test('a skipped test is a failure where nothing may be left out, and is named elsewhere', () => {
  expect(summarise([step(3, 0, 2)], { strict: true })).toEqual({ line: '3 passed, 2 failed', exitCode: 1 })
  expect(summarise([step(3, 0, 2)], { strict: false })).toEqual({ line: '3 passed, 0 failed, 2 skipped', exitCode: 0 })
})

test('a test file that cannot be loaded is a failure', () => {
  const testResults = [{ status: 'failed', assertionResults: [] }]
  expect(countTests('t', report({ numPassedTests: 5, success: false, testResults }), 1)).toMatchObject({
    passed: 5,
    failed: 1,
  })
})

test('a run that ends badly, or ran nothing, is a failure', () => {
  expect(countTests('t', report({ numPassedTests: 5 }), 1)).toMatchObject({ passed: 5, failed: 1 })
  expect(countTests('t', report({}), 0)).toMatchObject({ passed: 0, failed: 1 })
  expect(countTests('t', report({ numPassedTests: 5, numTodoTests: 1 }), 0)).toMatchObject({
    passed: 5,
    failed: 0,
    skipped: 1,
  })
})
