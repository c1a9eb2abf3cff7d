import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { AddressMap } from './machine/address-map';

/**
 * The cluster's stable endpoint: passes each TCP connection to the next API server that accepts one, as a network load balancer
 * with TCP health checks does.
 */
export class LoadBalancer {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private turn = 0;

  constructor(
    private readonly addresses: AddressMap,
    /** IP:PORT of each API server. */
    private readonly targets: string[],
  ) {
    this.server = createServer((client) => {
      this.keep(client);
      this.pass(client, this.targets.length);
    });
  }

  /** The real port. */
  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      for (const socket of this.sockets) socket.destroy();
    });
  }

  private pass(client: Socket, targetsLeft: number): void {
    if (targetsLeft === 0) return void client.destroy();
    const port = this.addresses.portOf(this.targets[this.turn++ % this.targets.length]!);
    if (port === undefined) return this.pass(client, targetsLeft - 1);
    const target = connect(port, '127.0.0.1');
    this.keep(target);
    let connected = false;
    target.once('connect', () => {
      connected = true;
      client.once('close', () => target.destroy());
      target.once('close', () => client.destroy());
      client.pipe(target).pipe(client);
    });
    target.once('error', () => connected || this.pass(client, targetsLeft - 1));
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    // A broken connection closes; there is nobody to tell.
    socket.on('error', () => undefined);
    socket.once('close', () => this.sockets.delete(socket));
  }
}
