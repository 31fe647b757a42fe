import { z } from 'zod'
import { bindAddress, duration, integer, port, size, zeroOr } from '../codecs.ts'
import { section, setting } from '../setting.ts'

const timeout = duration({ min: 100, max: 3_600_000 })

/** `auto`, one for each core, or a number of processes. */
const workers = z.union([z.literal('auto'), integer({ min: 1, max: 1024 })], {
  error: 'is neither auto nor a whole number from 1 to 1024',
})

/** The caching listener. */
export const server = section({
  http: section({
    port: setting({ schema: port(), fallback: 80 }),
    bind: setting({ schema: bindAddress(), fallback: '::' }),
  }),
  workers: setting({ schema: workers, fallback: 'auto' }),
  max_concurrent_requests: setting({ schema: integer({ min: 1, max: 1_000_000 }), fallback: 1000 }),
  memory_budget: setting({ schema: size({ min: 16 * 1024 ** 2, max: 1024 ** 4 }), fallback: '512MiB' }),
  head_timeout: setting({ schema: timeout, fallback: '30s' }),
  idle_timeout: setting({ schema: timeout, fallback: '60s' }),
  drain_timeout: setting({ schema: duration({ min: 0, max: 3_600_000 }), fallback: '30s' }),
  config_poll: setting({ schema: zeroOr(duration({ min: 1000, max: 3_600_000 })), fallback: '5s' }),
})
