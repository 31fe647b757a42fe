export { type Barrier, createBarrier, createGate, type Gate } from './lib/barrier.ts'
export {
  type CertificateAuthority,
  createCertificateAuthority,
  type IssuedCertificate,
  type IssueOptions,
} from './lib/certificates.ts'
export {
  connectHttp,
  type HttpAnswer,
  type HttpClientOptions,
  type HttpConnection,
  type RawRequest,
  type ReceiveOptions,
  requestOnce,
} from './lib/http-client.ts'
export { createManualClock, type ManualClock, type ManualTimer } from './lib/manual-clock.ts'
export { type AuditLog, type StoreRequest, startAuditLog } from './lib/minio/audit-log.ts'
export { type FindMinioOptions, findMinio, type MinioProgram } from './lib/minio/find-minio.ts'
export { type Minio, type MinioOptions, type StoreCounters, startMinio, sumUp } from './lib/minio/start-minio.ts'
export {
  type Answer,
  answer,
  answerEarly,
  behind,
  createTap,
  dieMidBody,
  drip,
  garbage,
  hangUp,
  interimThen,
  pauseMidBody,
  silence,
  type Tap,
} from './lib/origin/answers.ts'
export { bufferContent, type Content, contentMd5, contentSha256, patternContent } from './lib/origin/content.ts'
export type { Exchange, OriginHandler, OriginRequest } from './lib/origin/exchange.ts'
export { type FakeOrigin, type FakeOriginOptions, startFakeOrigin } from './lib/origin/fake-origin.ts'
export {
  createObjectStore,
  type ObjectLogEntry,
  type ObjectOrigin,
  type ObjectStore,
  type ObjectStoreOptions,
  type PutOptions,
  type StoredObject,
  startObjectOrigin,
} from './lib/origin/object-store.ts'
export { freePort } from './lib/process/free-port.ts'
export { type Progress, stderrProgress, withProgress } from './lib/process/progress.ts'
export { createReaper, type Reaper, stopProcess } from './lib/process/reaper.ts'
export { type CommandOptions, type CommandResult, describeFailure, runCommand } from './lib/process/run-command.ts'
export { type Credentials, createSigner, type Signer, type SignerOptions, type UnsignedRequest } from './lib/signer.ts'
export { createTempDir, type TempDir } from './lib/temp-dir.ts'
export { findClientTools } from './lib/tools/client-tools.ts'
export type { ClientTools, Tool } from './lib/tools/tool.ts'
export type { BodyEnd } from './lib/wire/body.ts'
