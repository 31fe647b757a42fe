import { headerValue } from '@s3proxy/protocol'
import {
  connectHttp,
  type HttpAnswer,
  type HttpClientOptions,
  type HttpConnection,
  type RawRequest,
} from '@s3proxy/testkit'

/** A way to one server: requests one after the other on one connection, renewed when the server says it closes it. */
export interface Line extends AsyncDisposable {
  request(request: RawRequest): Promise<HttpAnswer>
}

/** Makes a line; it connects when it is first used. */
export function createLine(options: HttpClientOptions): Line {
  let connection: HttpConnection | undefined
  const hangUp = (): void => {
    connection?.destroy()
    connection = undefined
  }
  return {
    async request(request) {
      connection ??= await connectHttp(options)
      try {
        const answer = await connection.request(request)
        const closes = headerValue(answer.headers, 'connection')?.toLowerCase() === 'close'
        if (closes || answer.end.kind !== 'complete') hangUp()
        return answer
      } catch (error) {
        hangUp()
        throw error
      }
    },
    async [Symbol.asyncDispose]() {
      hangUp()
    },
  }
}
