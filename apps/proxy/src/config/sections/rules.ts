import { z } from 'zod'
import { parseGlob } from '../../glob/glob-pattern.ts'
import { codec, flag, list, size } from '../codecs.ts'
import type { ReadSettings, RuleConfig } from '../config.ts'
import { readSettings } from './read-settings.ts'

const maxRules = 1024

const ttlFields = { get: readSettings.getTtl.optional(), head: readSettings.headTtl.optional() }

const fields = {
  match: codec(parseGlob),
  cache: flag().optional(),
  authorization: readSettings.authorization.optional(),
  ttl: z.strictObject(ttlFields, { error: notAMapping('{get: 1h}') }).optional(),
  stale_if_error: readSettings.staleIfError.optional(),
  stale_while_revalidate: readSettings.staleWhileRevalidate.optional(),
  negative_ttl: readSettings.negativeTtl.optional(),
  honour_cache_control: readSettings.honourCacheControl.optional(),
  page_size: readSettings.pageSize.optional(),
  pin: flag().optional(),
  quota: size({ min: 0, max: 1024 ** 5 }).optional(),
}

const rule: z.ZodType<RuleConfig> = z
  .strictObject(fields, { error: notAMapping('{match: "bucket/prefix/**", cache: false}') })
  .transform(({ match, ttl, ...rest }) => ({
    match,
    settings: withoutUndefined({
      cache: rest.cache,
      authorization: rest.authorization,
      getTtlMs: ttl?.get,
      headTtlMs: ttl?.head,
      staleIfErrorMs: rest.stale_if_error,
      staleWhileRevalidateMs: rest.stale_while_revalidate,
      negativeTtlMs: rest.negative_ttl,
      honourCacheControl: rest.honour_cache_control,
      pageBytes: rest.page_size,
    }),
    ...spaceOf(rest.pin, rest.quota),
  }))

function spaceOf(pin: boolean | undefined, quotaBytes: number | undefined): Pick<RuleConfig, 'space'> {
  if (pin === undefined && quotaBytes === undefined) return {}
  return { space: { ...(pin === undefined ? {} : { pin }), ...(quotaBytes === undefined ? {} : { quotaBytes }) } }
}

/** What differs from the `cache` section for some objects. */
export const rules = list(rule, { min: 0, max: maxRules }, '[{match: "bucket/prefix/**", cache: false}]')

/** The names known `inside` the list, for suggestions: those of a rule or, in its `ttl`, those of a lifetime. */
export function ruleKeys(inside: readonly PropertyKey[]): readonly string[] {
  return Object.keys(inside[1] === 'ttl' ? ttlFields : fields)
}

function withoutUndefined(settings: { readonly [K in keyof ReadSettings]: ReadSettings[K] | undefined }) {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Partial<ReadSettings>
}

function notAMapping(example: string) {
  return (issue: { readonly code?: string | undefined }): string | undefined =>
    issue.code === 'invalid_type' ? `is not a mapping such as ${example}` : undefined
}
