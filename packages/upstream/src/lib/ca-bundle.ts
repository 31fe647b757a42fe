import { X509Certificate } from 'node:crypto'

/** What a CA file holds. */
export type CaBundle =
  | { readonly kind: 'certificates'; readonly pem: readonly string[] }
  | { readonly kind: 'invalid'; readonly reason: string }

/** Certificates in one bundle at most; the largest system stores hold some 150. */
const maxCertificates = 4096
const block = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n[\s\S]*?-----END \1-----/g

/** Reads the text of a CA file: PEM certificates, with comments between them or not. At least one; every one readable. */
export function parseCaBundle(text: string): CaBundle {
  const pem: string[] = []
  for (const [match, label] of text.matchAll(block)) {
    const position = pem.length + 1
    if (label !== 'CERTIFICATE' && label !== 'TRUSTED CERTIFICATE') {
      return invalid(`entry ${position} is a ${label}, not a CERTIFICATE`)
    }
    if (pem.length === maxCertificates) return invalid(`there are more than ${maxCertificates} certificates`)
    try {
      pem.push(new X509Certificate(match).toString())
    } catch {
      return invalid(`certificate ${position} cannot be read`)
    }
  }
  const begun = text.split('-----BEGIN ').length - 1
  if (begun !== pem.length) return invalid(`certificate ${pem.length + 1} is cut off`)
  if (pem.length === 0) return invalid('there is no PEM certificate in it')
  return { kind: 'certificates', pem }
}

function invalid(reason: string): CaBundle {
  return { kind: 'invalid', reason }
}
