import { duration, oneOf, size, text } from '../codecs.ts'
import { section, setting } from '../setting.ts'
import { minFree } from './min-free.ts'
import { readSettings } from './read-settings.ts'

/** 1 PiB. */
const maxSize = 1024 ** 5

const live = true

/** What is kept, where, how much, and who may read it. */
export const cache = section({
  dir: setting({ schema: text(), form: 'path', fallback: './cache' }),
  max_size: setting({ schema: size({ min: 0, max: maxSize }), fallback: '10GiB' }),
  min_free: setting({ schema: minFree(maxSize), fallback: '1%' }),
  memory: setting({ schema: size({ min: 0, max: maxSize }), fallback: '512MiB' }),
  eviction: setting({ schema: oneOf(['s3-fifo', 'tinylfu', 'lru']), fallback: 's3-fifo' }),
  compression: setting({ schema: oneOf(['off', 'zstd']), fallback: 'off' }),
  verify_fills: setting({ schema: oneOf(['all', 'cheap', 'off']), fallback: 'cheap' }),
  scrub: section({
    rate: setting({ schema: size({ min: 0, max: 1024 ** 4 }), fallback: '8MiB' }),
    interval: setting({ schema: duration({ min: 60_000, max: 365 * 24 * 3_600_000 }), fallback: '7d' }),
  }),
  authorization: setting({ schema: readSettings.authorization, fallback: 's3', live }),
  presigned_memo: setting({ schema: readSettings.presignedMemo, fallback: 0 }),
  ttl: section({
    get: setting({ schema: readSettings.getTtl, fallback: '10y', live }),
    head: setting({ schema: readSettings.headTtl, fallback: '60s', live }),
  }),
  stale_if_error: setting({ schema: readSettings.staleIfError, fallback: 0, live }),
  stale_while_revalidate: setting({ schema: readSettings.staleWhileRevalidate, fallback: 0, live }),
  negative_ttl: setting({ schema: readSettings.negativeTtl, fallback: 0, live }),
  honour_cache_control: setting({ schema: readSettings.honourCacheControl, fallback: false, live }),
  page_size: setting({ schema: readSettings.pageSize, fallback: 0, live }),
})
