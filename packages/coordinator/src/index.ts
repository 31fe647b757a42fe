export {
  type Broadcast,
  type BroadcastEnd,
  type BroadcastOptions,
  createBroadcast,
  type Joinable,
  type Spill,
} from './lib/broadcast.ts'
export {
  type Claim,
  type Claimed,
  createFlights,
  type Expectation,
  type Flight,
  type Flights,
  type Settlement,
} from './lib/flights.ts'
export { createGenerations, type Generation, type Generations, type GenerationsOptions } from './lib/generations.ts'
export type { FlightStreams } from './lib/leases/flight-streams.ts'
export type { FlightNotice, Lease, Leases, Turn, Wanted } from './lib/leases/lease.ts'
export { createSharedFlights, type SharedFlightsOptions } from './lib/leases/shared-flights.ts'
export {
  createNoPeers,
  type Forget,
  type Forgetting,
  type Invalidation,
  type PeerListener,
  type Peers,
} from './lib/peers.ts'
export { createHub, type Hub, type HubOptions, type HubTimers, type Seat } from './lib/workers/hub.ts'
export type { FromHub, ToHub } from './lib/workers/messages.ts'
export { createWorkerPeers, type WorkerPeers, type WorkerPeersOptions } from './lib/workers/worker-peers.ts'
