import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ResponseHead } from '@s3proxy/protocol'
import type { Responder } from '../exchange.ts'

/** RFC 9112 section 4, as far as Node sends it. */
const reasonPhrase = /^[\t\x20-\x7e\x80-\xff]*$/

/** Answers through `node:http`. `hasBody`: the request has one, which may not have been read to its end. */
export function createNodeResponder(request: IncomingMessage, response: ServerResponse, hasBody: boolean): Responder {
  let gone = false
  let ended = false
  let bytesSent = 0
  const listeners = new Set<() => void>()
  response.on('close', () => {
    if (ended && response.writableFinished) return
    gone = true
    for (const listener of [...listeners]) listener()
    listeners.clear()
  })
  // The 'close' that follows an error is what counts.
  response.on('error', () => undefined)

  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        response.off('drain', done)
        listeners.delete(done)
        resolve()
      }
      response.once('drain', done)
      listeners.add(done)
    })

  return {
    get gone() {
      return gone
    },
    get started() {
      return response.headersSent
    },
    get bytesSent() {
      return bytesSent
    },
    onGone(listener) {
      if (gone) listener()
      else listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    informational(status) {
      if (gone || response.headersSent) return
      if (status === 100) response.writeContinue()
      else if (status === 102) response.writeProcessing()
    },
    head(head: ResponseHead, close) {
      if (gone) return
      // What is left of a body that was not read would be taken for the next request.
      if (close || (hasBody && !request.complete)) response.shouldKeepAlive = false
      const headers = [...head.headers]
      // A reason phrase says nothing; one that Node would refuse is not worth an answer.
      if (head.reason === '' || !reasonPhrase.test(head.reason)) response.writeHead(head.status, headers)
      else response.writeHead(head.status, head.reason, headers)
    },
    write(chunk, onFlushed) {
      if (gone) return undefined
      bytesSent += chunk.length
      return response.write(chunk, onFlushed) ? undefined : drained()
    },
    end() {
      ended = true
      if (!gone) response.end()
    },
    destroy() {
      gone = true
      // A reset, not an orderly close: that is how HTTP/1.0 says that a body without a length is complete.
      request.socket.resetAndDestroy()
      response.destroy()
    },
  }
}
