import type { Faults } from './faults.ts'
import type { Entry, History } from './history.ts'
import type { Ledger, Track } from './ledger.ts'
import type { WriteFacts } from './requests.ts'
import { sendError } from './store-errors.ts'
import type { StoreIo } from './store-io.ts'

/** A write on its way. */
export interface ArrivedWrite {
  readonly history: History
  readonly ledger: Ledger
  readonly io: StoreIo
  readonly track: Track
  readonly facts: WriteFacts
  readonly faults: Faults
  /** Lets others go first, with this probability. */
  readonly pause: (probability: number) => Promise<void>
}

/** Does a write and answers it. */
export async function applyWrite(write: ArrivedWrite): Promise<void> {
  const { history, ledger, io, track, facts, faults, pause } = write
  if (faults.early && track.request.body !== undefined) return sendError(io, 403, 'AccessDenied')
  const body = await io.body()
  if (body.kind === 'broken') return io.breakOff('breaks')
  if (track.request.body !== undefined && !body.bytes.equals(track.request.body)) {
    ledger.complaints.push(`${track.request.id}: the body arrived changed`)
  }
  if (faults.body.kind === 'breaks') return io.breakOff('breaks')
  await pause(0.5)
  const key = facts.kind === 'delete-many' ? (facts.keys[0] ?? 0) : facts.key
  const before = history.current(key)
  if (facts.kind === 'put' && facts.onlyIfAbsent && before.object !== undefined) {
    track.decisions.push({ status: 412, entry: before, sent: io.headers })
    return sendError(io, 412, 'PreconditionFailed')
  }
  if (facts.kind === 'complete-upload') return completeUpload(write, facts.key)
  apply(write)
  if (facts.kind === 'touch' && track.applied.length === 0) return sendError(io, 404, 'NoSuchKey')
  track.appliedInTime = true
  await pause(0.5)
  if (faults.afterWrite === 'breaks') return io.breakOff('breaks')
  if (faults.afterWrite === 'internal-error') return sendError(io, 500, 'InternalError')
  const text = facts.kind === 'delete-many' ? '<DeleteResult/>' : facts.kind === 'touch' ? '<CopyObjectResult/>' : ''
  const entry = track.applied[0]
  const etag = facts.kind === 'put' && entry?.object !== undefined ? ['ETag', entry.object.etag] : []
  await io.head(
    facts.kind === 'delete' || facts.kind === 'delete-version' ? 204 : 200,
    [...etag, 'Content-Length', String(text.length)],
    'length',
  )
  if (text !== '') await io.write(Buffer.from(text))
  await io.finish()
}

/** S3 answers 200 early, keeps the connection alive with white space, and only then does it (CompleteMultipartUpload). */
async function completeUpload(write: ArrivedWrite, key: number): Promise<void> {
  const { io, track, faults, pause } = write
  await io.head(200, ['Content-Type', 'application/xml'], 'chunked')
  await io.write(Buffer.from(' '))
  await pause(0.7)
  apply(write)
  track.appliedInTime = true
  await pause(0.5)
  if (faults.afterWrite === 'breaks') return io.breakOff('breaks')
  await io.write(Buffer.from(`<CompleteMultipartUploadResult><Key>key-${key}</Key></CompleteMultipartUploadResult>`))
  await io.finish()
}

function apply({ history, ledger, track, facts }: ArrivedWrite): void {
  if (track.applied.length > 0) ledger.complaints.push(`${track.request.id} was done twice`)
  const entries = ((): (Entry | undefined)[] => {
    switch (facts.kind) {
      case 'put':
      case 'complete-upload':
        return [history.put(facts.key, facts.version)]
      case 'touch':
        return [history.touch(facts.key)]
      case 'delete':
        return [history.remove(facts.key)]
      case 'delete-version':
        track.deletedVersion = facts.version
        return [history.removeVersion(facts.key, facts.version)]
      case 'delete-many':
        return facts.keys.map((key) => history.remove(key))
    }
  })()
  track.applied.push(...entries.filter((entry) => entry !== undefined))
}
