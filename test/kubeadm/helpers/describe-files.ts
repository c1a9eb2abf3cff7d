import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { X509Certificate, createHash, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'etc/kubernetes';

/** What is below /etc/kubernetes: path -> hash of mode and content. */
export function fingerprints(root: string): Map<string, string> {
  const files = readdirSync(join(root, FOLDER), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
      return [file.slice(root.length), `${statSync(file).mode} ${hash}`] as const;
    }),
  );
}

/** Everything about the files that changed, without what is new by chance (serials, keys) and with times relative to `since`. */
export function describeChanges(root: string, before: Map<string, string>, since: number): Record<string, unknown> {
  const after = fingerprints(root);
  const changed = [...after].filter(([path, hash]) => before.get(path) !== hash).map(([path]) => path);
  const removed = [...before.keys()].filter((path) => !after.has(path));
  return Object.fromEntries([
    ...changed.sort().map((path) => [path, describeFile(root, path, since)]),
    ...removed.sort().map((path) => [path, 'removed']),
  ]);
}

function describeFile(root: string, path: string, since: number): unknown {
  const mode = (statSync(join(root, path)).mode & 0o777).toString(8);
  const text = readFileSync(join(root, path), 'utf8');
  const key = path.endsWith('.crt') ? readIfThere(join(root, path.replace(/crt$/, 'key'))) : undefined;
  if (path.endsWith('.conf')) return { mode, ...describeKubeconfig(text, since) };
  if (path.endsWith('.crt')) return { mode, ...describeCertificate(text, since), keyFits: fits(text, key) };
  return { mode, ...describeKey(text) };
}

/** Without the serial number and the public key; the extensions as they are encoded, in their order. */
function describeCertificate(pem: string, since: number) {
  const certificate = new x509.X509Certificate(pem);
  const minutes = (date: Date): number => Math.round((date.getTime() - since) / 60_000);
  return {
    pem: envelope(pem),
    subject: certificate.subject,
    issuer: certificate.issuer,
    // 63 bits by chance: at times a byte less, or more of them.
    serialFitsIn8Bytes: Buffer.from(certificate.serialNumber, 'hex').length <= 8,
    signature: certificate.signatureAlgorithm,
    key: describeKeyObject(new X509Certificate(pem).publicKey),
    beginsInMinutes: minutes(certificate.notBefore),
    endsInMinutes: minutes(certificate.notAfter),
    extensions: certificate.extensions.map(
      ({ type, critical, value }) => `${type} ${critical ? 'critical ' : ''}${Buffer.from(value).toString('hex')}`,
    ),
  };
}

function describeKey(pem: string) {
  return { pem: envelope(pem), key: describeKeyObject(createPrivateKey(pem)) };
}

function describeKubeconfig(text: string, since: number) {
  const data = (member: string): string => {
    const found = new RegExp(`^ *${member}: (.*)$`, 'm').exec(text);
    return found ? Buffer.from(found[1]!, 'base64').toString() : '';
  };
  const certificate = data('client-certificate-data');
  const key = data('client-key-data');
  return {
    text: text.replace(/(client-(?:certificate|key)-data: ).*/g, '$1...'),
    certificate: { ...describeCertificate(certificate, since), keyFits: fits(certificate, key) },
    key: describeKey(key),
  };
}

function describeKeyObject(key: KeyObject): string {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  return `${key.asymmetricKeyType} ${namedCurve ?? modulusLength}`;
}

/** A PEM file without its content: labels, length of the first line, how it ends. */
function envelope(pem: string): string {
  const labels = pem.match(/^-----.*$/gm) ?? [];
  return [...labels, pem.split('\n')[1]?.length, pem.endsWith('-\n') ? 'line feed' : 'no line feed'].join(' ');
}

function fits(certificate: string, key: string | undefined): boolean | undefined {
  return key === undefined ? undefined : new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
