import type { ByteSource } from '@s3proxy/protocol'
import type { UpstreamResponse } from '@s3proxy/upstream'
import type { Answer } from '../answer.ts'
import type { Classified } from '../decide.ts'
import type { Exchange } from '../exchange.ts'
import { passOn } from '../forward.ts'
import type { Parts } from '../parts.ts'
import { sendUpstream, upstreamHeaders } from '../send-upstream.ts'
import { watchUpload } from './body-targets.ts'
import { targetsOfHead } from './targets.ts'

/**
 * The single write path: forwarded as it comes, and what it may change is forgotten before it is sent, before its
 * answer is seen, and once more when the answer is complete (CompleteMultipartUpload answers 200 before it is done),
 * whatever the outcome.
 */
export async function write(parts: Parts, exchange: Exchange, classified: Classified): Promise<Answer> {
  const headers = upstreamHeaders(exchange, classified)
  const upload = watchUpload(exchange, classified)
  const known = targetsOfHead(exchange, classified)
  await parts.invalidator.invalidate(known)
  const invalidate = (): Promise<void> => parts.invalidator.invalidate([...known, ...upload.targets()])
  let response: UpstreamResponse
  try {
    response = await sendUpstream(parts, exchange, classified, headers, upload.body)
  } finally {
    await invalidate()
  }
  const answer = passOn(exchange, response, { kind: 'bypass', reason: 'write' })
  return answer.body === undefined ? answer : { ...answer, body: afterBody(answer.body, invalidate) }
}

/** `source`, with `then` run before its end is reported, however it ends. */
function afterBody(source: ByteSource, then: () => Promise<void>): ByteSource {
  const pull = async (): Promise<Uint8Array | null> => {
    try {
      const chunk = await source.next()
      if (chunk === null) await then()
      return chunk
    } catch (error) {
      await then()
      throw error
    }
  }
  return {
    next: pull,
    cancel(reason) {
      source.cancel(reason)
      void then()
    },
  }
}
