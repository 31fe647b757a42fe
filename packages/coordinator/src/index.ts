export {
  type Broadcast,
  type BroadcastEnd,
  type BroadcastOptions,
  createBroadcast,
  type Spill,
} from './lib/broadcast.ts'
export { createFlights, type Expectation, type Flight, type Flights, type Settlement } from './lib/flights.ts'
export { createGenerations, type Generation, type Generations, type GenerationsOptions } from './lib/generations.ts'
