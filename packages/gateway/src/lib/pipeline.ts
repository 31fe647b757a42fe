import { ProxyError, toProxyError } from '@s3proxy/protocol'
import type { Answer } from './answer.ts'
import { type Classified, classify } from './decide.ts'
import { type Delivery, deliver } from './deliver.ts'
import { errorAnswer } from './error-answer.ts'
import type { Exchange } from './exchange.ts'
import { forward } from './forward.ts'
import type { Limiter } from './limiter.ts'
import type { Parts } from './parts.ts'
import { beginRead, read } from './read/read.ts'
import { recordOf } from './record.ts'
import { readFields } from './request-fields.ts'
import type { RequestRecord } from './request-record.ts'
import { createResources, type Resources } from './resource.ts'
import { watchErrorCode } from './s3-error-code.ts'
import { write } from './write/write.ts'

/** What the pipeline needs beside the stages' parts. */
export interface PipelineOptions {
  readonly parts: Parts
  readonly limiter: Limiter
  /** Called once per request, when its answer has ended. What it throws is lost. */
  readonly onRequest: (record: RequestRecord, error: ProxyError | undefined) => void
}

/** Takes a request from its head to the end of its answer. A promise, which never rejects, only if it had to wait. */
export type Pipeline = (exchange: Exchange) => void | Promise<void>

/** The only place that switches over what the stages return. A hit in memory passes through it without a promise. */
export function createPipeline({ parts, limiter, onRequest }: PipelineOptions): Pipeline {
  const resources = createResources(parts.router)
  const finish = (
    exchange: Exchange,
    admitted: boolean,
    classified: Classified | undefined,
    answer: Answer,
  ): void | Promise<void> => {
    const headAt = parts.now()
    const watched = watchErrorBody(answer)
    const sent = send(exchange, watched.answer, classified?.route.path)
    if (sent instanceof Promise) {
      return sent.then((delivery) =>
        ended(exchange, admitted, classified, answer, headAt, parts.now(), watched.code, delivery),
      )
    }
    ended(exchange, admitted, classified, answer, headAt, headAt, watched.code, sent)
  }
  const ended = (
    exchange: Exchange,
    admitted: boolean,
    classified: Classified | undefined,
    answer: Answer,
    headAt: number,
    endedAt: number,
    upstreamErrorCode: () => string | undefined,
    delivery: Delivery,
  ): void => {
    if (admitted) limiter.leave()
    const error = delivery.kind === 'broken' ? delivery.error : answer.kind === 'error' ? answer.error : undefined
    try {
      const known = { exchange, classified, answer, delivery, upstreamErrorCode: upstreamErrorCode(), headAt, endedAt }
      onRequest(recordOf(known), error)
    } catch {
      // Whoever watches must not be able to stop the service; the client has had its answer.
    }
  }
  return (exchange) => {
    const admitted = limiter.enter()
    let classified: Classified | undefined
    let answer: Answer | Promise<Answer>
    try {
      if (!admitted) throw new ProxyError('SlowDown', { source: 'proxy', retryable: true, reason: 'too-many-requests' })
      classified = routed(parts, resources, exchange)
      answer = stage(parts, exchange, classified)
    } catch (error) {
      answer = failed(error)
    }
    if (!(answer instanceof Promise)) return finish(exchange, admitted, classified, answer)
    return answer.then(
      (settled) => finish(exchange, admitted, classified, settled),
      (error: unknown) => finish(exchange, admitted, classified, failed(error)),
    )
  }
}

function failed(error: unknown): Answer {
  return { kind: 'error', error: toProxyError(error, 'proxy') }
}

function routed(parts: Parts, resources: Resources, exchange: Exchange): Classified {
  const { head, body } = exchange
  const fields = readFields(head.headers)
  const resource = resources.find(head, fields)
  if (!('route' in resource)) {
    const { code, reason } = resource
    throw new ProxyError(code, { source: 'client', reason: code, message: reason })
  }
  return classify(resource, head, fields, body !== undefined, parts.policies)
}

function stage(parts: Parts, exchange: Exchange, classified: Classified): Answer | Promise<Answer> {
  const { decision } = classified
  switch (decision.kind) {
    case 'read':
      return read(parts, beginRead(parts, exchange, classified, decision.read))
    case 'write':
      return write(parts, exchange, classified)
    case 'forward':
      return forward(parts, exchange, classified, decision.reason)
  }
}

const noCode = (): undefined => undefined

/** The answer, with an S3 error document watched for its code on the way. */
function watchErrorBody(answer: Answer): { readonly answer: Answer; readonly code: () => string | undefined } {
  if (answer.kind === 'error' || answer.head.status < 400 || answer.body === undefined) {
    return { answer, code: noCode }
  }
  const { source, code } = watchErrorCode(answer.body)
  return { answer: { ...answer, body: source }, code }
}

/** Sends whatever it is. Never fails: an answer that cannot be sent breaks the connection. */
function send(exchange: Exchange, answer: Answer, path: string | undefined): Delivery | Promise<Delivery> {
  if (answer.kind === 'response') return deliver(exchange.responder, answer, false)
  const broken = (error: unknown): Delivery => {
    exchange.responder.destroy()
    return { kind: 'broken', error: toProxyError(error, 'proxy') }
  }
  try {
    const sent = sendError(exchange, answer.error, path)
    return sent instanceof Promise ? sent.catch(broken) : sent
  } catch (error) {
    return broken(error)
  }
}

function sendError(exchange: Exchange, error: ProxyError, path: string | undefined): Delivery | Promise<Delivery> {
  const { responder } = exchange
  if (responder.gone) return { kind: 'gone' }
  const { head, body } = errorAnswer(error, exchange.requestId, path)
  // A request that was not understood, or whose body was not read, leaves the connection in doubt.
  responder.head(head, error.source === 'client' || exchange.body !== undefined)
  const end = (): Delivery => {
    responder.end()
    return responder.gone ? { kind: 'gone' } : { kind: 'complete' }
  }
  const written = exchange.head.method === 'HEAD' ? undefined : responder.write(body)
  return written instanceof Promise ? written.then(end) : end()
}
