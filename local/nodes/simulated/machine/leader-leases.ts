import { randomUUID } from 'node:crypto';

/** As kubeadm's flags leave them: client-go's leaseDuration. */
export const LEASE_SECONDS = 15;
/** How often everybody tries (real: 2 s). */
const RETRY_MS = 500;

export interface LeaderLease {
  /** NODE_UUID of a process; empty once somebody has given it back. */
  holder: string;
  renewedAt: Date;
}

/** Who leads among the controller managers and among the schedulers: the Leases of these names in kube-system. */
export class LeaderLeases {
  private readonly leases = new Map<string, LeaderLease>();

  get(name: string): LeaderLease | undefined {
    return this.leases.get(name);
  }

  release(name: string): void {
    this.leases.set(name, { holder: '', renewedAt: new Date() });
  }

  /** Takes the lease `name` when it is free or has lapsed, and keeps it until the function that it returns is called. */
  campaign(name: string, node: string): () => void {
    const candidate = `${node}_${randomUUID()}`;
    const attempt = () => {
      const { holder = '', renewedAt = new Date(0) } = this.leases.get(name) ?? {};
      const isFree = !holder || Date.now() - renewedAt.getTime() > LEASE_SECONDS * 1000;
      if (isFree || holder === candidate) this.leases.set(name, { holder: candidate, renewedAt: new Date() });
    };
    attempt();
    const timer = setInterval(attempt, RETRY_MS);
    return () => clearInterval(timer);
  }
}
