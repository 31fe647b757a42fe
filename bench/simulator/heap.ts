/** Items by priority, the highest first. */
export interface Heap {
  readonly length: number
  push(priority: number, item: number): void
  /** Takes the item of highest priority. Throws if there is none. */
  pop(): { readonly priority: number; readonly item: number }
}

/** A binary heap. */
export function createHeap(): Heap {
  const priorities: number[] = []
  const items: number[] = []
  const at = (index: number): number => priorities[index] ?? Number.NEGATIVE_INFINITY
  const swap = (a: number, b: number): void => {
    const [priority, item] = [at(a), items[a] ?? 0]
    priorities[a] = at(b)
    items[a] = items[b] ?? 0
    priorities[b] = priority
    items[b] = item
  }
  return {
    get length() {
      return items.length
    },
    push(priority, item) {
      priorities.push(priority)
      items.push(item)
      for (let index = items.length - 1; index > 0; ) {
        const parent = (index - 1) >> 1
        if (at(parent) >= at(index)) return
        swap(parent, index)
        index = parent
      }
    },
    pop() {
      if (items.length === 0) throw new RangeError('the heap is empty')
      swap(0, items.length - 1)
      const top = { priority: priorities.pop() ?? 0, item: items.pop() ?? 0 }
      for (let index = 0; ; ) {
        const left = index * 2 + 1
        if (left >= items.length) return top
        const child = at(left + 1) > at(left) ? left + 1 : left
        if (at(index) >= at(child)) return top
        swap(index, child)
        index = child
      }
    },
  }
}
