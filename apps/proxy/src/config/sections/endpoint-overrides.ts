import { isIP } from 'node:net'
import { z } from 'zod'
import { ipAndPort, list } from '../codecs.ts'
import { isHostname } from '../host-port.ts'
import { showValue } from '../show-value.ts'

const maxEntries = 1000

const addresses = list(ipAndPort(), { min: 1, max: 100 }, '[10.0.1.100]')

/** Addresses to use instead of DNS, by lower-case host name or `*.suffix`. The result has no prototype. */
export const endpointOverrides: z.ZodType<Readonly<Record<string, readonly string[]>>> = z
  .record(z.string(), addresses, { error: 'is not a mapping such as {"s3.us-east-1.amazonaws.com": ["10.0.1.100"]}' })
  .transform((entries, context) => {
    const overrides: Record<string, readonly string[]> = Object.create(null)
    for (const [written, value] of Object.entries(entries)) {
      const name = written.toLowerCase()
      const host = name.startsWith('*.') ? name.slice(2) : name
      if (!isHostname(host) || isIP(host) !== 0) {
        const message = `${showValue(written)} is not a host name or *.suffix (without a port)`
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
