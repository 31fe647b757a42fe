/** A sequence of requests, by column. Objects are numbered from 0 in the order they first appear. */
export interface Trace {
  readonly name: string
  /** The object of each request. */
  readonly objects: Uint32Array
  /** Bytes of each object; one that has changed its size has the last. */
  readonly sizes: Float64Array
}

/** Bytes of all different objects. */
export function footprintBytes({ sizes }: Trace): number {
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Whether all objects have the same size. */
export function haveEqualSizes({ sizes }: Trace): boolean {
  return sizes.every((size) => size === sizes[0])
}

/** Collects requests in order. */
export interface TraceBuilder {
  /** Requests so far. */
  readonly length: number
  add(key: string | number, size: number): void
  build(name: string): Trace
}

export function createTraceBuilder(): TraceBuilder {
  const numbers = new Map<string | number, number>()
  const sizes: number[] = []
  let objects = new Uint32Array(1024)
  let length = 0
  return {
    get length() {
      return length
    },
    add(key, size) {
      let object = numbers.get(key)
      if (object === undefined) {
        object = sizes.length
        numbers.set(key, object)
      }
      sizes[object] = size
      if (length === objects.length) {
        const grown = new Uint32Array(length * 2)
        grown.set(objects)
        objects = grown
      }
      objects[length++] = object
    },
    build: (name) => ({ name, objects: objects.slice(0, length), sizes: Float64Array.from(sizes) }),
  }
}
