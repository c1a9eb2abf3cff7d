import { issueAuthority, issueLeaf } from '../../../../local/nodes/simulated/pki/certificate';

export interface LoopbackCertificate {
  /** PEM: what an agent has to trust. */
  ca: string;
  certificate: string;
  key: string;
}

/** A certificate for 127.0.0.1, for an hour, of a CA of its own. */
export async function loopbackCertificate(): Promise<LoopbackCertificate> {
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3600_000) };
  const authority = await issueAuthority('local-ssm', validity, 'ECDSA-P256');
  const subject = { commonName: '127.0.0.1' };
  const leaf = await issueLeaf(authority, { subject, usages: ['server'], ips: ['127.0.0.1'], validity }, 'ECDSA-P256');
  return { ca: authority.certificate, ...leaf };
}
