export { type Budget, type BudgetOptions, createBudget, type Priority } from './lib/budget.ts'
export type { Exchange, Responder } from './lib/exchange.ts'
export { createGateway, type Gateway, type GatewayOptions } from './lib/gateway.ts'
export { createFastLane, type FastLaneOptions, type LaneTimers } from './lib/lanes/fast/fast-lane.ts'
export type { Lane } from './lib/lanes/lane.ts'
export { createNodeLane, type NodeLaneLimits, type NodeLaneOptions } from './lib/lanes/node-lane.ts'
export { type ListenAddress, type ListenFailure, type Listening, listen } from './lib/listeners.ts'
export { type NotCachedReason, notCachedReasons } from './lib/not-cached.ts'
export type { FillVerification } from './lib/read/fill-checks.ts'
export {
  createFixedPolicies,
  type ReadPolicies,
  type ReadPolicy,
  type ReadPolicyOptions,
  resolveReadPolicy,
} from './lib/read-policy.ts'
export type { RequestOutcome, RequestRecord } from './lib/request-record.ts'
export { storeTimeout } from './lib/within.ts'
