import type { StoreIo } from './store-io.ts'
import { errorBody, failure } from './store-reads.ts'

/** Answers with an error document. */
export async function sendError(io: StoreIo, status: number, code: string): Promise<void> {
  const { headers, end } = failure(status, code, io.method)
  await io.head(status, headers, io.method === 'HEAD' ? 'none' : 'length')
  if (end > 0) await io.write(Buffer.from(errorBody(code)))
  await io.finish()
}
