/** An access point, by the name its owner gave it. */
export interface AccessPointName {
  /** 3 to 50 lower-case letters, digits and hyphens. */
  readonly name: string
  /** The account that owns it: twelve digits. */
  readonly account: string
}

const accountId = /^[0-9]{12}$/
const accessPointName = /^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$/

/** Whether `text` is the number of an AWS account. */
export function isAccountId(text: string): boolean {
  return accountId.test(text)
}

/** Whether `text` may name an access point. */
export function isAccessPointName(text: string): boolean {
  return accessPointName.test(text)
}

/** Takes the `NAME-ACCOUNT` of a host name apart, or gives undefined if `label` is none. */
export function parseAccessPointLabel(label: string): AccessPointName | undefined {
  const hyphen = label.lastIndexOf('-')
  const name = label.slice(0, Math.max(hyphen, 0))
  const account = label.slice(hyphen + 1)
  return isAccessPointName(name) && isAccountId(account) ? { name, account } : undefined
}
