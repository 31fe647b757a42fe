import { duration, nullable, oneOf, text } from '../codecs.ts'
import { section, setting } from '../setting.ts'

const minute = 60_000
const day = 24 * 60 * minute

/** What is written down about the proxy and its requests. */
export const logging = section({
  level: setting({ schema: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), fallback: 'info' }),
  dir: setting({ schema: nullable(text()), form: 'path', fallback: null }),
  retention: setting({ schema: duration({ min: day, max: 3650 * day }), fallback: '30d' }),
  access: section({
    dir: setting({ schema: nullable(text()), form: 'path', fallback: './logs/access' }),
    mode: setting({ schema: oneOf(['all', 'cached_only']), fallback: 'all' }),
    rotation: setting({ schema: duration({ min: 1000, max: day }), fallback: '5m' }),
    retention: setting({ schema: duration({ min: minute, max: 3650 * day }), fallback: '30d' }),
  }),
})
