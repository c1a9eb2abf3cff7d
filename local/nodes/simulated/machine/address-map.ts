/** The port where nothing ever listens: a connection to an address that is down is refused. */
export const REFUSED_PORT = 1;

/**
 * Which real port on 127.0.0.1 answers for an address inside the simulated cluster (10.0.1.11:6443). All nodes share the loopback
 * interface, so none can have the real port.
 */
export class AddressMap {
  private readonly ports = new Map<string, number>();
  /** Addresses whose listener has gone: their real port may be a stranger's by now. */
  private readonly gone = new Set<string>();
  private readonly listeners = new Set<() => void>();

  /** The real port to connect to, one that refuses where nobody listens any more; undefined: this address never had a listener. */
  portOf(address: string): number | undefined {
    return this.gone.has(address) ? REFUSED_PORT : this.ports.get(address);
  }

  /** The real port that it had last, for a listener that wants it again. */
  lastPortOf(address: string): number | undefined {
    return this.ports.get(address);
  }

  set(address: string, port: number): void {
    if (this.portOf(address) === port) return;
    this.gone.delete(address);
    this.ports.set(address, port);
    this.tell();
  }

  /** The listener on this real port has gone; nothing happens when another one has come meanwhile. */
  remove(address: string, port: number): void {
    if (this.portOf(address) !== port) return;
    this.gone.add(address);
    this.tell();
  }

  entries(): [address: string, port: number][] {
    return [...this.ports.keys()].map((address) => [address, this.portOf(address)!]);
  }

  /** Calls `listener` after each change; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
