import { duration, oneOf, size, text } from '../codecs.ts'
import { section, setting } from '../setting.ts'

/** A hundred years: longer than any cache lives. */
const ttl = duration({ min: 0, max: 100 * 365 * 24 * 3_600_000 })
/** 1 PiB. */
const maxSize = 1024 ** 5

/** What is kept, where, how much, and who may read it. */
export const cache = section({
  dir: setting({ schema: text(), form: 'path', fallback: './cache' }),
  max_size: setting({ schema: size({ min: 0, max: maxSize }), fallback: '10GiB' }),
  memory: setting({ schema: size({ min: 0, max: maxSize }), fallback: '512MiB' }),
  authorization: setting({ schema: oneOf(['s3', 'network'], ['verify']), fallback: 's3' }),
  ttl: section({
    get: setting({ schema: ttl, fallback: '10y' }),
    head: setting({ schema: ttl, fallback: '60s' }),
  }),
})
