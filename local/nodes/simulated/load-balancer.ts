import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { ApiTargetGroup } from './api-target-group';
import type { AddressMap } from './machine/address-map';

/**
 * The cluster's stable endpoint: passes each TCP connection to the next API server of its target group that accepts one, as a network
 * load balancer with TCP health checks does.
 */
export class LoadBalancer {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private turn = 0;

  constructor(
    private readonly addresses: AddressMap,
    private readonly targetGroup: ApiTargetGroup,
  ) {
    this.server = createServer((client) => {
      this.keep(client);
      this.pass(client, this.targetGroup.route(this.turn++));
    });
  }

  /** The real port. */
  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.targetGroup.start();
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.targetGroup.stop();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      for (const socket of this.sockets) socket.destroy();
    });
  }

  private pass(client: Socket, [address, ...others]: string[]): void {
    if (address === undefined) return void client.destroy();
    const port = this.addresses.portOf(address);
    if (port === undefined) return this.pass(client, others);
    const target = connect(port, '127.0.0.1');
    this.keep(target);
    let connected = false;
    target.once('connect', () => {
      connected = true;
      client.once('close', () => target.destroy());
      target.once('close', () => client.destroy());
      client.pipe(target).pipe(client);
    });
    target.once('error', () => connected || this.pass(client, others));
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    // A broken connection closes; there is nobody to tell.
    socket.on('error', () => undefined);
    socket.once('close', () => this.sockets.delete(socket));
  }
}
