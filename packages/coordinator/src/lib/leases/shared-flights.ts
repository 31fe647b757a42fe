import type { MemoryBudget } from '@s3proxy/protocol'
import { type Claim, type Claimed, createFlights, type Flight, type Flights } from '../flights.ts'
import type { Generation, Generations } from '../generations.ts'
import type { FlightStreams } from './flight-streams.ts'
import { followFlight } from './follow.ts'
import type { FlightNotice, Lease, Leases, Turn } from './lease.ts'

/** What {@link createSharedFlights} is made of. */
export interface SharedFlightsOptions<R extends { readonly key: string }> {
  readonly leases: Leases<R>
  readonly streams: FlightStreams
  readonly generations: Generations
  readonly budget?: MemoryBudget
  /** Others have stored something of `key`: what is remembered of the disk may be less than what is there. */
  readonly onStored: (key: string) => void
}

/** What has been heard of a key's landed fills. */
interface Heard {
  /** How many others have landed. */
  readonly landed: number
  /** `heard` as it stood then: who has looked before has not seen them all. */
  readonly at: number
}

/** Keys of which it is remembered how many fills have landed. */
const maxRemembered = 10_000

/** The fills of this process and those of others, as one: before it fetches, a process asks who else does. */
export function createSharedFlights<R extends { readonly key: string }>(options: SharedFlightsOptions<R>): Flights<R> {
  const { leases, streams, generations, budget, onStored } = options
  const own = createFlights<R>()
  const foreign = new Map<string, Map<string, Flight<R>>>()
  const landings = new Map<string, (left: () => void) => void>()
  const heardOf = new Map<string, Heard>()
  let heard = 0
  let names = 0

  leases.onLanded((flight, left) => {
    const land = landings.get(flight) ?? (() => left())
    land(left)
  })

  const follow = (key: string, notice: FlightNotice<R>, generation: Generation): void => {
    if (landings.has(notice.flight)) return
    const { promise: settled, resolve } = Promise.withResolvers<void>()
    let readers = 0
    let leave: (() => void) | undefined
    const onReaders = (count: number): void => {
      readers = count
      if (readers === 0) leave?.()
    }
    // One that broke is known until it has landed, so that the table does not name it again, but nobody joins it.
    let isLost = false
    const onLost = (): void => {
      isLost = true
    }
    const flight: Flight<R> = {
      representation: notice.representation,
      askedAt: notice.askedAt,
      isCurrent: () => !isLost && generations.isCurrent(generation),
      broadcast: followFlight({ notice, streams, budget, settled, onLost, onReaders }),
    }
    const flights = foreign.get(key) ?? new Map<string, Flight<R>>()
    foreign.set(key, flights.set(notice.flight, flight))
    const land = (left: () => void): void => {
      landings.delete(notice.flight)
      flights.delete(notice.flight)
      if (flights.size === 0 && foreign.get(key) === flights) foreign.delete(key)
      onStored(key)
      resolve()
      leave = left
      if (readers === 0) left()
    }
    landings.set(notice.flight, land)
  }

  /** Whether others have stored something of the key that who looked at `looked` has not seen. */
  const hasNews = (key: string, landed: number, looked: number): boolean => {
    const known = heardOf.get(key)
    if (landed === (known?.landed ?? 0)) return known !== undefined && known.at > looked
    heardOf.delete(key)
    heardOf.set(key, { landed, at: ++heard })
    for (const oldest of heardOf.keys()) {
      if (heardOf.size <= maxRemembered) break
      heardOf.delete(oldest)
    }
    onStored(key)
    return true
  }

  /** Tells the others of a fill that has begun and was asked for under `lease`. */
  const share = (flight: Flight<R>, lease: Pick<Lease<R, unknown>, 'led'>): void => {
    if (!flight.broadcast.keepsAll) return
    const { representation, broadcast, askedAt } = flight
    const name = `${streams.place}#${names++}`
    const letGo = broadcast.hold?.()
    const withdraw = streams.offer(name, (range) => {
      const joined = broadcast.join(range)
      return joined instanceof Promise ? undefined : joined
    })
    lease.led({ flight: name, representation, range: broadcast.range, askedAt, place: streams.place })
    // What is kept of it stays for those who follow, however slow they are.
    const landed = broadcast.settled.then(() => leases.landed(name))
    void landed.then(() => {
      withdraw()
      letGo?.()
    })
  }

  const claim = ({ bucket, key, ranges, heard: looked }: Claimed): Claim<R> => {
    // Of now: a write that is counted before the answer comes has outdated what that names.
    const generation = generations.observe(bucket, key)
    const expectations = ranges.map((range) => own.expect(key, range))
    const known = [...(foreign.get(key)?.keys() ?? [])]
    let looksAgain = false
    const act = (turn: Turn<R>): 'lead' | 'look-again' => {
      if (turn.kind === 'follow') for (const notice of turn.flights) follow(key, notice, generation)
      looksAgain = turn.kind === 'follow' || (turn.landed !== undefined && hasNews(key, turn.landed, looked))
      return looksAgain ? 'look-again' : 'lead'
    }
    const lease = leases.claim({ bucket, key, ranges, known }, act)
    return {
      turn: lease.turn,
      expect(wanted, range) {
        const expectation = own.expect(wanted, range)
        return {
          ...expectation,
          lead(flight) {
            expectation.lead(flight)
            share(flight, lease)
          },
        }
      },
      release() {
        lease.release()
        const how = looksAgain || own.of(key).length > 0 ? 'led' : 'released'
        for (const expectation of expectations) expectation.settle(how)
      },
    }
  }

  return {
    ...own,
    get heard() {
      return heard
    },
    claim,
    of(key) {
      const others = foreign.get(key)
      if (others === undefined) return own.of(key)
      return [...[...others.values()].filter((flight) => flight.isCurrent()), ...own.of(key)]
    },
  }
}
