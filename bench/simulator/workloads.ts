import { createNormal, createRandom, createZipf } from './random.ts'
import { createTraceBuilder, type Trace } from './trace.ts'

export interface WorkloadOptions {
  /** Objects that requests come back to. */
  readonly objects: number
  readonly requests: number
  readonly seed: number
}

/** A workload made up: what it is like, and how to make it. */
export interface Workload {
  readonly describe: string
  make(options: WorkloadOptions): Generator<readonly [key: string | number, size: number]>
}

type Requests = Generator<readonly [key: string | number, size: number]>

function zipf(skew: number): Workload {
  return {
    describe: `independent requests, popularity by Zipf's law with exponent ${skew}, equal sizes`,
    *make({ objects, requests, seed }): Requests {
      const next = createZipf(objects, skew, createRandom(seed))
      for (let request = 0; request < requests; request++) yield [next(), 1]
    },
  }
}

/** Runs of `length` objects nobody asked for before, one after the other, for `share` of the requests. */
function* scanning({ objects, requests, seed }: WorkloadOptions, share: number, length: number): Requests {
  const random = createRandom(seed)
  const next = createZipf(objects, 0.9, random)
  let fresh = objects
  let request = 0
  while (request < requests) {
    if (random() < share / (length * (1 - share) + share)) {
      for (let step = 0; step < length && request < requests; step++, request++) yield [fresh++, 1]
    } else {
      yield [next(), 1]
      request++
    }
  }
}

/** Sizes of objects: log-normal around 64 KiB, from 1 KiB to 64 MiB, the same for the same object. */
export function createSizes(seed: number): (object: number) => number {
  const known = new Map<number, number>()
  const normal = createNormal(createRandom(seed ^ 0x5eed))
  return (object) => {
    let size = known.get(object)
    if (size === undefined) {
      size = Math.round(Math.min(Math.max(65_536 * Math.exp(2 * normal()), 1024), 64 * 1024 * 1024))
      known.set(object, size)
    }
    return size
  }
}

/** The workloads by name. */
export const workloads: Readonly<Record<string, Workload>> = {
  'zipf-0.6': zipf(0.6),
  'zipf-0.8': zipf(0.8),
  'zipf-0.9': zipf(0.9),
  'zipf-0.99': zipf(0.99),
  'zipf-1.2': zipf(1.2),

  scan: {
    describe: 'Zipf 0.9, and for 40 % of the requests runs through 5,000 objects that nobody asks for again',
    make: (options) => scanning(options, 0.4, 5000),
  },

  'one-hit': {
    describe: 'Zipf 0.9, and every second request for an object that nobody asks for again',
    make: (options) => scanning(options, 0.5, 1),
  },

  loop: {
    describe: 'all objects in order, again and again',
    *make({ objects, requests }): Requests {
      for (let request = 0; request < requests; request++) yield [request % objects, 1]
    },
  },

  bursts: {
    describe:
      'Zipf 0.9, and for half of the requests objects that are asked for eight times in a short time and then no more',
    *make({ objects, requests, seed }): Requests {
      const random = createRandom(seed)
      const next = createZipf(objects, 0.9, random)
      const running: { readonly key: number; left: number }[] = []
      let fresh = objects
      for (let request = 0; request < requests; request++) {
        if (random() < 0.5) {
          yield [next(), 1]
          continue
        }
        if (running.length < 64) running.push({ key: fresh++, left: 8 })
        const index = Math.floor(random() * running.length)
        const burst = running[index]
        if (burst === undefined) continue
        if (--burst.left === 0) running.splice(index, 1)
        yield [burst.key, 1]
      }
    },
  },

  shift: {
    describe: 'Zipf 0.9 over objects of which others become popular all the time: all have changed twice by the end',
    *make({ objects, requests, seed }): Requests {
      const next = createZipf(objects, 0.9, createRandom(seed))
      for (let request = 0; request < requests; request++) {
        yield [(next() + Math.floor((request / requests) * 2 * objects)) % (2 * objects), 1]
      }
    },
  },

  sizes: {
    describe: 'Zipf 0.9, sizes log-normal from 1 KiB to 64 MiB around 64 KiB, popular or not',
    *make({ objects, requests, seed }): Requests {
      const next = createZipf(objects, 0.9, createRandom(seed))
      const sizeOf = createSizes(seed)
      for (let request = 0; request < requests; request++) {
        const object = next()
        yield [object, sizeOf(object)]
      }
    },
  },

  mixed: {
    describe: 'the sizes of "sizes", and scans and objects asked for once for 30 % of the requests',
    *make(options): Requests {
      const sizeOf = createSizes(options.seed)
      for (const [key] of scanning(options, 0.3, 200)) yield [key, sizeOf(Number(key))]
    },
  },
}

/** The workload of that name. */
export function makeWorkload(name: string, options: WorkloadOptions): Trace {
  const workload = workloads[name]
  if (workload === undefined) throw new Error(`no workload ${name}; there are ${Object.keys(workloads).join(', ')}`)
  const builder = createTraceBuilder()
  for (const [key, size] of workload.make(options)) builder.add(key, size)
  return builder.build(name)
}
