import { redactUserInfo } from '../config/show-value.ts'
import { redacted, secretNames, secretParameters } from './secret-names.ts'

const names = secretNames.join('|')
const parameters = [...secretParameters].join('|')

/** `"authorization":"…"` of an object, and `"Authorization","…"` of a list of raw headers. */
const named = new RegExp(`("(?:${names})"\\s{0,4}[:,]\\s{0,4})"(?:[^"\\\\]|\\\\.)*"`, 'gi')
/** `X-Amz-Signature=…` of a URL, `Signature=…` and `Credential=…` of an Authorization header, in any text. */
const assigned = new RegExp(`((?:${parameters}|credential)=)[^&\\s"'\\\\,;]+`, 'gi')
/** An Authorization header of Signature Version 2: `AWS keyid:signature`. */
const version2 = /\bAWS [A-Z0-9]{4,128}:[A-Za-z0-9+/=]{8,64}/g

const suspicious = new RegExp(`${names}|${parameters}|credential=|AWS |://`, 'i')

/**
 * A line of JSON without secrets, whatever part of the program wrote it: header values, credentials in URLs and in
 * error messages, passwords. Still JSON afterwards.
 */
export function redactLine(line: string): string {
  if (!suspicious.test(line)) return line
  return redactUserInfo(
    line.replace(named, `$1"${redacted}"`).replace(assigned, `$1${redacted}`).replace(version2, `AWS ${redacted}`),
  )
}
