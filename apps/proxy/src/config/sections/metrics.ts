import { bindAddress, flag, httpPath, port } from '../codecs.ts'
import { section, setting } from '../setting.ts'

/** The listener for monitoring. */
export const metrics = section({
  enabled: setting({ schema: flag(), fallback: true }),
  port: setting({ schema: port(), fallback: 9090 }),
  bind: setting({ schema: bindAddress(), fallback: '::' }),
  path: setting({ schema: httpPath(), fallback: '/metrics' }),
})
