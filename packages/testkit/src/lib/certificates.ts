import 'reflect-metadata' // x509's dependency injection needs it loaded first
import type { webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** A server certificate with its private key, as PEM text. */
export interface IssuedCertificate {
  readonly certPem: string
  readonly keyPem: string
}

/** What a certificate is to be valid for. */
export interface IssueOptions {
  /** DNS names; a leading `*.` label is a wildcard. */
  readonly dnsNames?: readonly string[]
  /** IP literals. */
  readonly ips?: readonly string[]
  /** When it becomes invalid, in milliseconds since the epoch. Default: a day from now. In the past: expired. */
  readonly notAfter?: number
}

/** A certificate authority that lives in memory. */
export interface CertificateAuthority {
  /** The certificate that clients must trust. */
  readonly caPem: string
  issue(options: IssueOptions): Promise<IssuedCertificate>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMs = 86_400_000

/** Makes a certificate authority with a new key. Works offline, touches no file. */
export async function createCertificateAuthority(commonName = 's3proxy test CA'): Promise<CertificateAuthority> {
  const keys = await generateKeys()
  const now = Date.now()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    notBefore: new Date(now - dayMs),
    notAfter: new Date(now + dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    caPem: `${certificate.toString('pem')}\n`,
    issue: (options) => issue(certificate, keys.privateKey, options),
  }
}

async function issue(
  authority: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  { dnsNames = [], ips = [], notAfter = Date.now() + dayMs }: IssueOptions,
): Promise<IssuedCertificate> {
  const keys = await generateKeys()
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${dnsNames[0] ?? ips[0] ?? 'nobody'}`,
    issuer: authority.subject,
    notBefore: new Date(Math.min(Date.now(), notAfter) - dayMs),
    notAfter: new Date(notAfter),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
        ...ips.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(authority),
    ],
  })
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    certPem: `${certificate.toString('pem')}\n`,
    keyPem: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`,
  }
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>
}

/** A positive random serial number in hex. */
function serialNumber(): string {
  return `01${Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')}`
}
