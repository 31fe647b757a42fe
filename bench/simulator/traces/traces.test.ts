import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAccessLogLine } from './access-log.ts'
import { parseArcLine } from './arc.ts'
import { createCsvParser } from './csv.ts'
import { lineFormats } from './formats.ts'
import type { LineParser } from './line-format.ts'
import { createLineCutter, maxLineBytes } from './lines.ts'
import { createOracleGeneralReader } from './oracle-general.ts'
import { readTrace } from './read-trace.ts'
import { parseSquidLine } from './squid.ts'
import { parseTextLine } from './text.ts'

/** What a parser makes of a line: its outcome and the requests. */
function read(parser: LineParser, line: string): unknown[] {
  const taken: unknown[] = []
  return [parser(line, (key, size) => taken.push([key, size])), ...taken]
}

const logLine = (operation: string, status: string, sizes: string): string =>
  `79a5 my-bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - 3E57427F3EXAMPLE ${operation} a/b%20c "GET /my-bucket/a/b%20c?x=\\"1\\" HTTP/1.1" ${status} - ${sizes} 70 10 "-" "aws-cli" -`

describe('lines of a trace', () => {
  it.each<readonly [string, LineParser, string, unknown[]]>([
    ['text', parseTextLine, '42', ['taken', ['42', 1]]],
    ['text', parseTextLine, 'a/b 512', ['taken', ['a/b', 512]]],
    ['text', parseTextLine, ' 17 a/b 512 more', ['taken', ['a/b', 512]]],
    ['text', parseTextLine, '*', ['ignored']],
    ['text', parseTextLine, 'a b', ['malformed']],
    ['text', parseTextLine, '1 a -5', ['malformed']],
    ['text', parseTextLine, '1 a 99999999999999999', ['malformed']],
    ['csv', createCsvParser(), '1,a,512', ['taken', ['a', 512]]],
    ['csv', createCsvParser(), '1,a,x', ['malformed']],
    ['csv', createCsvParser(), '', ['ignored']],
    ['arc', parseArcLine, '100 3 0 7', ['taken', ['100', 1], ['101', 1], ['102', 1]]],
    ['arc', parseArcLine, '100 999999999 0 7', ['malformed']],
    [
      'squid',
      parseSquidLine,
      '1286.5 5 ::1 TCP_HIT/200 4030 GET http://x/a - DIRECT/- text/html',
      ['taken', ['http://x/a', 4030]],
    ],
    ['squid', parseSquidLine, '1286.5 5 ::1 TCP_MISS/404 4030 GET http://x/a - DIRECT/- -', ['ignored']],
    ['squid', parseSquidLine, 'x y z', ['malformed']],
    [
      's3-log',
      parseAccessLogLine,
      logLine('REST.GET.OBJECT', '206', '100 5000'),
      ['taken', ['my-bucket/a/b%20c', 5000]],
    ],
    ['s3-log', parseAccessLogLine, logLine('REST.GET.OBJECT', '200', '100 -'), ['taken', ['my-bucket/a/b%20c', 100]]],
    ['s3-log', parseAccessLogLine, logLine('REST.PUT.OBJECT', '200', '- 10'), ['ignored']],
    ['s3-log', parseAccessLogLine, logLine('REST.GET.OBJECT', '404', '100 -'), ['ignored']],
    ['s3-log', parseAccessLogLine, 'nonsense', ['malformed']],
  ])('%s %#', (_, parser, line, expected) => {
    expect(read(parser, line)).toEqual(expected)
  })

  it('of csv are named by the first', () => {
    const parser = createCsvParser()
    expect(read(parser, 'version,time,op,size,lbn')).toEqual(['ignored'])
    expect(read(parser, '1,5633898,2a,512,42932745')).toEqual(['taken', ['42932745', 512]])
    expect(read(parser, '1,2')).toEqual(['malformed'])
  })

  it('never throw, whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (line) => {
        for (const create of Object.values(lineFormats)) {
          create()(line, (key, size) => {
            expect(key).not.toBe('')
            expect(Number.isSafeInteger(size) && size >= 0).toBe(true)
          })
        }
      }),
    )
  })

  it('are cut the same however the bytes arrive, and too long ones are passed over', () => {
    const long = 'x'.repeat(maxLineBytes + 1)
    const bytes = Buffer.from(`one\r\n\ntwo\n${long}\nthree`)
    for (const step of [1, 7, 1000, bytes.length]) {
      const lines: (string | undefined)[] = []
      const cutter = createLineCutter()
      for (let at = 0; at < bytes.length; at += step) {
        cutter.feed(bytes.subarray(at, at + step), (line) => lines.push(line))
      }
      cutter.end((line) => lines.push(line))
      expect(lines).toEqual(['one', '', 'two', undefined, 'three'])
    }
  })
})

function record(object: number, size: number): Buffer {
  const bytes = Buffer.alloc(24)
  bytes.writeBigUInt64LE(BigInt(object), 4)
  bytes.writeUInt32LE(size, 12)
  return bytes
}

describe('oracleGeneral', () => {
  it('is read from chunks of any length', () => {
    const bytes = Buffer.concat([record(35, 512), record(36, 1024), Buffer.alloc(5)])
    for (const step of [1, 23, 24, 53]) {
      const reader = createOracleGeneralReader()
      const taken: unknown[] = []
      for (let at = 0; at < bytes.length; at += step) {
        reader.feed(bytes.subarray(at, at + step), (...request) => taken.push(request) > 0)
      }
      expect(taken).toEqual([
        ['z', 512],
        ['10', 1024],
      ])
      expect(reader.leftBytes).toBe(5)
    }
  })
})

describe('readTrace', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3proxy-traces-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const load = async (name: string, content: string | Buffer, options: object = {}) => {
    const path = join(folder, name)
    await writeFile(path, content)
    return readTrace(path, { format: 'auto', maxRequests: 1000, ignoreSizes: false, ...options })
  }

  it('finds the format out', async () => {
    expect((await load('a.txt', '1\n2\n1\n')).format).toBe('text')
    expect((await load('a.csv', '1,a,5\n2,b,6\n')).format).toBe('csv')
    expect((await load('a.log', `${logLine('REST.GET.OBJECT', '200', '5 5')}\n`)).format).toBe('s3-log')
    expect((await load('a.lis', '1 2 0 1\n')).format).toBe('arc')
    expect((await load('a.bin', record(1, 5))).format).toBe('oracleGeneral')
  })

  it('unpacks, counts what it does not understand and stops where it is told', async () => {
    const { trace, malformedLines } = await load('b.txt.gz', gzipSync('1 a 5\n2 b 6\nx y\n3 a 7\n4 c 1\n'), {
      maxRequests: 3,
    })
    expect([...trace.objects]).toEqual([0, 1, 0])
    expect([...trace.sizes]).toEqual([7, 6])
    expect(malformedLines).toBe(1)
  })

  it('refuses what is no trace', async () => {
    await expect(load('c.txt', 'a b\nc d\n')).rejects.toThrow('not a trace')
    await expect(load('d.txt', '')).rejects.toThrow('not a trace')
    await expect(load('e.txt', '1', { format: 'guess' })).rejects.toThrow('no format')
    await expect(load('f.gz', 'not gzip')).rejects.toThrow()
  })
})
