import { expect, test } from 'vitest'
import { readWrkReport } from './wrk.ts'

const text = `Running 2s test @ http://127.0.0.1:8000/
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   123.00us   45.00us   1.20ms   80.00%
    Req/Sec    60.00k     1.00k   70.00k    70.00%
  Latency Distribution
     50%  110.00us
     75%  150.00us
     90%    1.02ms
     99%    2.00s
  121000 requests in 2.10s, 500.00MB read
`

test('reads what wrk prints', () => {
  expect(readWrkReport(text)).toEqual({
    requests: 121_000,
    seconds: 2.1,
    readBytes: 500 * 1024 * 1024,
    p50Ms: 0.11,
    p99Ms: 2000,
    errors: 0,
  })
})

test('counts everything that is not an answer as it should be', () => {
  const troubled = `${text}  Socket errors: connect 1, read 2, write 0, timeout 4\n  Non-2xx or 3xx responses: 10\n`
  expect(readWrkReport(troubled).errors).toBe(17)
})

test('does not take anything else for a report', () => {
  expect(() => readWrkReport('unable to connect')).toThrow('something else')
})
