import { describe, expect, it } from 'vitest'
import { paceOf } from '../peers/pace.ts'
import { writeScript } from './script.ts'

describe('writeScript', () => {
  it('sends the headers with every request and quotes what Lua would read', () => {
    const headers = ['Authorization', 'AWS4-HMAC-SHA256 Credential="a\\b"']
    const script = writeScript({ headers, path: { kind: 'same', path: '/bench/hot/1-0-0' }, thinkMs: 0 })
    expect(script).toContain('["Authorization"] = "AWS4-HMAC-SHA256 Credential=\\034a\\092b\\034"')
    expect(script).toContain('wrk.format("GET", "/bench/hot/1-0-0", headers)')
    expect(script).not.toContain('delay')
  })

  it('numbers the paths of unique objects and lets slow clients wait', () => {
    const script = writeScript({ headers: [], path: { kind: 'unique', before: '/a-', after: '/b' }, thinkMs: 20 })
    expect(script).toContain('"/a-" .. n .. "/b"')
    expect(script).toContain('math.random(1, 39)')
  })
})

describe('paceOf', () => {
  it('needs as many connections as requests are waited for at once', () => {
    expect(paceOf(10_000)).toEqual({ connections: 200, thinkMs: 20 })
    expect(paceOf(1)).toEqual({ connections: 1, thinkMs: 20 })
  })
})
