export type { AskReason, Authoriser, Grant, HitRequest } from './lib/authoriser.ts'
export { createEveryRequestAuthoriser } from './lib/every-request.ts'
export { createNetworkAuthoriser } from './lib/network.ts'
export { planRevalidation, type Revalidation, type VerbatimReason } from './lib/revalidate.ts'
