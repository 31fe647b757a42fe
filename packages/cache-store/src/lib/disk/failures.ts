import type { ProxyError } from '@s3proxy/protocol'
import type { StoreObserver, StoreOperation } from '../observer.ts'
import { toStoreError } from '../store-error.ts'
import type { Breaker } from './breaker.ts'
import { systemErrorCode } from './file-system.ts'

/** The one place where failures of the file system are judged. */
export interface Failures {
  /** Something the caller sees or should know of. */
  note(operation: StoreOperation, cause: unknown): ProxyError
}

export interface FailuresOptions {
  readonly observer: StoreObserver
  readonly reads: Breaker
  readonly writes: Breaker
  /** The volume or the quota is full. */
  readonly onFull: () => void
}

export function createFailures({ observer, reads, writes, onFull }: FailuresOptions): Failures {
  return {
    note(operation, cause) {
      const error = toStoreError(cause, `${operation} failed`)
      if (error.reason === 'io') {
        const code = systemErrorCode(error.cause)
        if (code === 'ENOSPC' || code === 'EDQUOT') onFull()
        if (operation === 'lookup' || operation === 'read') reads.failed()
        if (operation === 'fill' || operation === 'save') writes.failed()
      }
      observer.failed(operation, error)
      return error
    },
  }
}
