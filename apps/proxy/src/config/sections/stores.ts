import { z } from 'zod'
import { flag, hostAndPort, nullable, oneOf } from '../codecs.ts'
import type { StoreSettings } from '../config.ts'
import { formatHostPort, parseHostPort } from '../host-port.ts'
import { type Reading, read } from '../reading.ts'
import { showValue } from '../show-value.ts'

const maxStores = 1000

const store = z.strictObject(
  {
    scheme: oneOf(['http', 'https']).default('https'),
    validate_tls: flag().default(true),
    endpoint: nullable(hostAndPort()).optional(),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'is not a mapping such as {scheme: http}' : undefined) },
)

/** Transport of the stores that are not AWS, by `host` or `host:port` as clients write it. */
export const stores: z.ZodType<readonly StoreSettings[]> = z
  .record(z.string(), store, { error: 'is not a mapping such as {"minio.local:9000": {scheme: http}}' })
  .transform((entries, context) => {
    const byName = new Map<string, StoreSettings>()
    for (const [written, value] of Object.entries(entries)) {
      const name = authority(written)
      if (name.kind === 'malformed') {
        context.addIssue({ code: 'custom', path: [written], message: name.message })
      } else if (byName.has(name.value)) {
        context.addIssue({ code: 'custom', path: [written], message: `${showValue(written)} is there twice` })
      } else {
        const { scheme, validate_tls: validateTls, endpoint } = value
        byName.set(name.value, { name: name.value, scheme, validateTls, endpoint })
      }
    }
    if (byName.size > maxStores) context.addIssue({ code: 'custom', message: `must hold at most ${maxStores} stores` })
    return [...byName.values()]
  })

function authority(text: string): Reading<string> {
  const reading = parseHostPort(text)
  return reading.kind === 'value' ? read(formatHostPort(reading.value)) : reading
}
