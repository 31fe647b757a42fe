import type { HttpAnswer } from '@s3proxy/testkit'
import type { Probe } from './probe.ts'
import type { World } from './world.ts'

/** Sends a probe to the store itself. Throws unless the answer is a success. */
export async function tell(world: World, probe: Probe): Promise<HttpAnswer> {
  const answer = await world.direct.request(await world.sign(probe))
  if (answer.status < 300) return answer
  throw new Error(`${probe.method ?? 'GET'} ${probe.target}: ${answer.status} ${answer.body.toString()}`)
}

/** The text of the first `name` element of an XML body. */
export function elementText(body: Buffer, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(body.toString())?.[1]
  if (text === undefined) throw new Error(`no ${name} in ${body.toString()}`)
  return text
}
