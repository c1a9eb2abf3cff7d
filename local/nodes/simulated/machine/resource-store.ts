import { LeaderLeases } from './leader-leases';

/** A Secret, its data as plain text. */
export interface StoredSecret {
  name: string;
  type: string;
  labels: Record<string, string>;
  data: Record<string, string>;
}

/** A CertificateSigningRequest. */
export interface CertificateRequest {
  name: string;
  /** User who asked. */
  requestor: string;
  groups: string[];
  signerName: string;
  /** PEM of the PKCS #10 request. */
  request: string;
  createdAt: Date;
  /** PEM, once it has been approved and signed. */
  certificate?: string;
}

/** What the cluster's etcd keeps of the few resources that can be written: all API servers share it. */
export class ResourceStore {
  readonly secrets = new Map<string, StoredSecret>();
  readonly certificateRequests = new Map<string, CertificateRequest>();
  readonly leaderLeases = new LeaderLeases();
  private readonly watchers = new Set<() => void>();

  addCertificateRequest(request: CertificateRequest): void {
    this.certificateRequests.set(request.name, request);
    for (const watcher of this.watchers) watcher();
  }

  /** Calls `watcher` after each new certificate request; returns how to stop that. */
  watchCertificateRequests(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** Who shows this bootstrap token ("abcdef.0123456789abcdef"); undefined when it is none, or its time is over. */
  bootstrapUser(token: string): { user: string; groups: string[] } | undefined {
    const [id = '', secret = ''] = token.split('.');
    const data = this.secrets.get(`bootstrap-token-${id}`)?.data;
    if (!data || data['token-secret'] !== secret || data['usage-bootstrap-authentication'] !== 'true') return undefined;
    if (data.expiration && Date.parse(data.expiration) <= Date.now()) return undefined;
    const extra = (data['auth-extra-groups'] ?? '').split(',').filter(Boolean);
    return { user: `system:bootstrap:${id}`, groups: ['system:bootstrappers', 'system:authenticated', ...extra] };
  }
}
