/** The port where nothing ever listens: a connection to an address that is down is refused. */
export const REFUSED_PORT = 1;

/**
 * Which real port on 127.0.0.1 answers for an address inside the simulated cluster (10.0.1.11:6443). All nodes share the loopback
 * interface, so none can have the real port.
 */
export class AddressMap {
  private readonly ports = new Map<string, number>();
  private readonly listeners = new Set<() => void>();

  /** Undefined: this address never had a listener. */
  portOf(address: string): number | undefined {
    return this.ports.get(address);
  }

  set(address: string, port: number): void {
    if (this.ports.get(address) === port) return;
    this.ports.set(address, port);
    for (const listener of this.listeners) listener();
  }

  entries(): [address: string, port: number][] {
    return [...this.ports];
  }

  /** Calls `listener` after each change; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
