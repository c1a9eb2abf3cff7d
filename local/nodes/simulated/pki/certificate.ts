import 'reflect-metadata';
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as never);

export type KeyAlgorithm = 'ECDSA-P256' | 'RSA-2048';

/** Whole seconds: X.509 knows no fractions. */
export interface Validity {
  notBefore: Date;
  notAfter: Date;
}

export interface Subject {
  commonName: string;
  organizations?: string[];
}

export interface KeyPair {
  keys: webcrypto.CryptoKeyPair;
  /** PEM, in the traditional form that kubeadm writes (EC PRIVATE KEY, RSA PRIVATE KEY). */
  privateKey: string;
  /** PEM, SubjectPublicKeyInfo. */
  publicKey: string;
}

export interface Issued {
  /** PEM. */
  certificate: string;
  /** PEM. */
  key: string;
}

export interface Authority extends Issued {
  x509: x509.X509Certificate;
  keys: webcrypto.CryptoKeyPair;
}

export interface LeafRequest {
  subject: Subject;
  usages: ('server' | 'client')[];
  dnsNames?: string[];
  ips?: string[];
  validity: Validity;
}

export const ALGORITHMS = {
  'ECDSA-P256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'RSA-2048': {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
} as const;

const USAGE_OIDS = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' };
const SIGN_AND_ENCIPHER = x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment;

export async function newKeyPair(algorithm: KeyAlgorithm): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHMS[algorithm], true, ['sign', 'verify']);
  const type = algorithm === 'RSA-2048' ? 'pkcs1' : 'sec1';
  return {
    keys,
    privateKey: KeyObject.from(keys.privateKey).export({ type: type as 'pkcs1', format: 'pem' }) as string,
    publicKey: KeyObject.from(keys.publicKey).export({ type: 'spki', format: 'pem' }) as string,
  };
}

/** A self-signed CA with the extensions that kubeadm gives to its CAs. */
export async function issueAuthority(
  commonName: string,
  validity: Validity,
  algorithm: KeyAlgorithm,
): Promise<Authority> {
  const pair = await newKeyPair(algorithm);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: nameOf({ commonName }),
    ...wholeSeconds(validity),
    signingAlgorithm: signing(pair.keys),
    keys: pair.keys as never,
    extensions: [
      new x509.KeyUsagesExtension(SIGN_AND_ENCIPHER | x509.KeyUsageFlags.keyCertSign, true),
      new x509.BasicConstraintsExtension(true, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(pair.keys.publicKey as never),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: commonName }]),
    ],
  });
  return { certificate: pemOf(certificate), key: pair.privateKey, x509: certificate, keys: pair.keys };
}

/** A leaf with the extensions of kubeadm's leaves, and a new key. */
export async function issueLeaf(authority: Authority, request: LeafRequest, algorithm: KeyAlgorithm): Promise<Issued> {
  const pair = await newKeyPair(algorithm);
  const names = [
    ...(request.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(request.ips ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: nameOf(request.subject),
    issuer: authority.x509.subjectName,
    ...wholeSeconds(request.validity),
    signingAlgorithm: signing(authority.keys),
    publicKey: pair.keys.publicKey as never,
    signingKey: authority.keys.privateKey as never,
    extensions: [
      new x509.KeyUsagesExtension(SIGN_AND_ENCIPHER, true),
      new x509.ExtendedKeyUsageExtension(request.usages.map((usage) => USAGE_OIDS[usage])),
      new x509.BasicConstraintsExtension(false, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(authority.keys.publicKey as never),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { certificate: pemOf(certificate), key: pair.privateKey };
}

function signing(keys: webcrypto.CryptoKeyPair) {
  return { ...keys.privateKey.algorithm, hash: 'SHA-256' } as never;
}

/** Organisations first, as Go encodes a subject: the order is part of its identity. */
export function nameOf(subject: Subject): x509.Name {
  return new x509.Name([
    ...(subject.organizations ?? []).map((organization) => ({ O: [organization] })),
    { CN: [subject.commonName] },
  ]);
}

export function wholeSeconds({ notBefore, notAfter }: Validity): Validity {
  return {
    notBefore: new Date(Math.floor(notBefore.getTime() / 1000) * 1000),
    notAfter: new Date(Math.floor(notAfter.getTime() / 1000) * 1000),
  };
}

/** 63 random bits: positive, and never shorter than 8 bytes. */
export function newSerial(): string {
  const bytes = randomBytes(8);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

export function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem').trimEnd()}\n`;
}
