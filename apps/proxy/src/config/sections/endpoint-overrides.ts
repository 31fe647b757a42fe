import { z } from 'zod'
import { hostAndPort, list } from '../codecs.ts'
import { formatHostPort, parseHostPort } from '../host-port.ts'
import { showValue } from '../show-value.ts'

const maxEntries = 1000

const endpoints = list(hostAndPort(), { min: 1, max: 100 }, '[10.0.1.100]')

/**
 * Where to connect instead of asking DNS, by `host`, `host:port`, `*.suffix` or `*.suffix:port` in lower case. The
 * result has no prototype, so that no host name is by chance one of an object's methods.
 */
export const endpointOverrides: z.ZodType<Readonly<Record<string, readonly string[]>>> = z
  .record(z.string(), endpoints, { error: 'is not a mapping such as {"s3.us-east-1.amazonaws.com": ["10.0.1.100"]}' })
  .transform((entries, context) => {
    const overrides: Record<string, readonly string[]> = Object.create(null)
    for (const [written, value] of Object.entries(entries)) {
      const wildcard = written.startsWith('*.')
      const reading = parseHostPort(wildcard ? written.slice(2) : written)
      const name = reading.kind === 'value' ? (wildcard ? '*.' : '') + formatHostPort(reading.value) : undefined
      if (name === undefined) {
        const message = `${showValue(written)} is not a host name or *.suffix with an optional :port`
        context.addIssue({ code: 'custom', path: [written], message })
      } else if (name in overrides) {
        context.addIssue({ code: 'custom', path: [written], message: `${showValue(written)} is there twice` })
      } else overrides[name] = value
    }
    if (Object.keys(overrides).length > maxEntries) {
      context.addIssue({ code: 'custom', message: `must hold at most ${maxEntries} hosts` })
    }
    return overrides
  })
