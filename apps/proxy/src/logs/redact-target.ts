import { redactUserInfo } from '../config/show-value.ts'
import { redacted, secretParameters } from './secret-names.ts'

/** Parameters without any of these letters (or an escape that could hide them) need no closer look. */
const suspicious = /sign|cred|token|accesskey|customer-key|%/i

/** A request target or URL with the values of credentials in its query, and a user name and password, replaced. */
export function redactTarget(target: string): string {
  const plain = target.startsWith('/') ? target : redactUserInfo(target)
  const question = plain.indexOf('?')
  if (question < 0 || !suspicious.test(plain)) return plain
  const parameters = plain
    .slice(question + 1)
    .split('&')
    .map(redactParameter)
  return `${plain.slice(0, question + 1)}${parameters.join('&')}`
}

function redactParameter(parameter: string): string {
  const equals = parameter.indexOf('=')
  if (equals < 0) return parameter
  const name = parameter.slice(0, equals)
  return secretParameters.has(decoded(name).toLowerCase()) ? `${name}=${redacted}` : parameter
}

/** Servers decode names before they compare them, so `X-Amz-Signatur%65` is a signature too. */
function decoded(name: string): string {
  return name.includes('%')
    ? name.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : name
}
