import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { ALGORITHMS, nameOf, newKeyPair, newSerial, pemOf, wholeSeconds } from './certificate';
import type { Issued, Subject, Validity } from './certificate';

/** A PKCS #10 request (PEM) and the key that it was made with. */
export async function newCertificateRequest(subject: Subject): Promise<{ request: string; key: string }> {
  const { keys, privateKey } = await newKeyPair('ECDSA-P256');
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: nameOf(subject),
    keys: keys as never,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  return { request: request.toString('pem'), key: privateKey };
}

/** The client certificate that kube-controller-manager makes of a request, with the CA's files. */
export async function signClientRequest(authority: Issued, request: string, validity: Validity): Promise<string> {
  const key = createPrivateKey(authority.key);
  const algorithm = ALGORITHMS[key.asymmetricKeyType === 'rsa' ? 'RSA-2048' : 'ECDSA-P256'];
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  const ca = new x509.X509Certificate(authority.certificate);
  const asked = new x509.Pkcs10CertificateRequest(request);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: asked.subjectName,
    issuer: ca.subjectName,
    ...wholeSeconds(validity),
    signingAlgorithm: { ...algorithm, hash: 'SHA-256' },
    publicKey: asked.publicKey,
    signingKey: (await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign'])) as never,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2']),
      new x509.BasicConstraintsExtension(false, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey),
    ],
  });
  return pemOf(certificate);
}
