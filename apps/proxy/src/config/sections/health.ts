import { bindAddress, flag, httpPath, port } from '../codecs.ts'
import { section, setting } from '../setting.ts'

/** The listener for load balancers and container probes. */
export const health = section({
  enabled: setting({ schema: flag(), fallback: true }),
  port: setting({ schema: port(), fallback: 8080 }),
  bind: setting({ schema: bindAddress(), fallback: '::' }),
  path: setting({ schema: httpPath(), fallback: '/health' }),
})
