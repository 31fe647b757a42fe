import { headerValue } from '@s3proxy/protocol'
import type { Answer } from '../answer.ts'
import type { Parts } from '../parts.ts'
import { watchErrorCode } from '../s3-error-code.ts'
import { onEnd } from '../tap-source.ts'
import type { ReadContext } from './read.ts'
import type { Asked } from './start-flight.ts'

/**
 * Lets a 404 be remembered, where the rule asks for it, once its body has said `NoSuchKey`: a bucket or version that is
 * missing, or a delete marker, is another answer and is left to S3. A HEAD's answer has no body to say which it is.
 */
export function rememberMissing(
  parts: Parts,
  { read, classified }: ReadContext,
  answer: Answer & { readonly kind: 'response' },
  { askedAt, generation }: Pick<Asked, 'askedAt' | 'generation'>,
): Answer {
  const { head, body } = answer
  const { negativeTtlMs } = read.policy
  if (negativeTtlMs === 0 || head.status !== 404 || body === undefined || classified.versionId !== undefined)
    return answer
  if (headerValue(head.headers, 'x-amz-delete-marker') !== undefined) return answer
  const watched = watchErrorCode(body)
  const source = onEnd(watched.source, () => {
    if (watched.code() === 'NoSuchKey') parts.negative.add(read.key, askedAt + negativeTtlMs, generation)
  })
  return { ...answer, body: source }
}
