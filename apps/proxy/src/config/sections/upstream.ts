import { duration, ipAndPort, list, nullable, text } from '../codecs.ts'
import { section, setting } from '../setting.ts'
import { endpointOverrides } from './endpoint-overrides.ts'
import { stores } from './stores.ts'

const timeout = duration({ min: 10, max: 3_600_000 })

/** How stores are found and spoken to. */
export const upstream = section({
  dns: section({
    servers: setting({
      schema: list(ipAndPort(), { min: 0, max: 16 }, '[8.8.8.8, 1.1.1.1]'),
      form: 'list',
      fallback: ['8.8.8.8', '8.8.4.4', '1.1.1.1', '1.0.0.1'],
    }),
    refresh: setting({ schema: duration({ min: 1000, max: 24 * 3_600_000 }), fallback: '60s' }),
  }),
  endpoint_overrides: setting({ schema: endpointOverrides, form: 'map', fallback: {} }),
  stores: setting({ schema: stores, form: 'map', fallback: {}, keysAt: () => ['scheme', 'validate_tls', 'endpoint'] }),
  ca_file: setting({ schema: nullable(text()), form: 'path', fallback: null }),
  timeouts: section({
    connect: setting({ schema: timeout, fallback: '10s' }),
    first_byte: setting({ schema: timeout, fallback: '30s' }),
    idle: setting({ schema: timeout, fallback: '30s' }),
  }),
})
