import { mergeNumbers, type ProcessNumbers } from '@s3proxy/metrics'

/** What workers counted that have gone, as one process's numbers: counters must not run backwards. */
export interface Past {
  add(numbers: ProcessNumbers): void
  readonly numbers: ProcessNumbers
}

export function createPast(): Past {
  let numbers: ProcessNumbers = []
  let adding: Promise<void> = Promise.resolve()
  return {
    add(more) {
      adding = adding.then(async () => {
        numbers = await mergeNumbers([numbers, more])
      })
    },
    get numbers() {
      return numbers
    },
  }
}
