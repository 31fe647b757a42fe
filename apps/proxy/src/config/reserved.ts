import type { z } from 'zod'
import { bindAddress, duration, flag, nullable, oneOf, port, text } from './codecs.ts'
import type { SettingForm } from './setting.ts'

/** A key whose name is taken but which this version does not act upon. */
export interface ReservedSetting {
  readonly form: SettingForm
  readonly schema: z.ZodType<unknown>
  /** Values that say what this version does anyway: nothing is lost, nothing is said. */
  readonly inEffect: readonly unknown[]
  /** Whether it does no harm to go on without it (a warning), or would surprise (an error). */
  readonly harmless: boolean | ((value: unknown) => boolean)
}

function reserve(schema: z.ZodType<unknown>, options: Partial<Omit<ReservedSetting, 'schema'>> = {}): ReservedSetting {
  return { schema, form: 'text', inEffect: [], harmless: true, ...options }
}

const tlsFile = () => reserve(nullable(text()), { form: 'path', inEffect: [undefined] })
const anyTime = duration({ min: 0, max: Number.MAX_SAFE_INTEGER })

/** The keys of the contract that belong to later versions, typed so that mistakes in them still show. */
export const reservedSettings: ReadonlyMap<string, ReservedSetting> = new Map(
  Object.entries({
    'server.forward.port': reserve(port()),
    'server.forward.enabled': reserve(flag(), { inEffect: [false] }),
    'server.https.port': reserve(port()),
    'server.https.mode': reserve(oneOf(['passthrough', 'terminate', 'off']), {
      inEffect: ['off'],
      harmless: (value) => value !== 'terminate',
    }),
    'server.https.cert': tlsFile(),
    'server.https.key': tlsFile(),
    'cache.ttl.put': reserve(anyTime),
    'cache.write_through': reserve(flag(), { inEffect: [false] }),
    'coordination.backend': reserve(oneOf(['local', 'volume', 'redis']), { inEffect: ['local'], harmless: false }),
    'coordination.url': reserve(nullable(text()), { inEffect: [undefined] }),
    'dashboard.port': reserve(port()),
    'dashboard.bind': reserve(bindAddress()),
    'admin.port': reserve(port()),
    'admin.bind': reserve(bindAddress()),
    'admin.token_file': tlsFile(),
    'metrics.otlp.endpoint': reserve(nullable(text()), { inEffect: [undefined] }),
  }),
)
