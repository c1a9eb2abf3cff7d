import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import type { ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** PEM texts of a certificate with its key, and of the CA that signs clients' certificates. */
export interface ServedCertificate {
  cert: string;
  key: string;
  clientCa?: string;
}

export interface TlsServerOptions {
  certificate: ServedCertificate;
  /** none: no client certificate is asked for; optional: the handler looks at it; required: without a valid one the connection ends. */
  clients: 'none' | 'optional' | 'required';
  handler: RequestListener;
  /** Real port that this listener had before; it gets it again where it is still free. */
  preferredPort?: number;
}

export interface TlsServer {
  /** Real port on 127.0.0.1. */
  readonly port: number;
  replaceCertificate(certificate: ServedCertificate): void;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** Rejects when certificate and key do not belong together, as the real components do at their start. */
export async function startTlsServer(options: TlsServerOptions): Promise<TlsServer> {
  const { clients, handler, preferredPort } = options;
  const server = createServer(
    {
      ...tlsOptions(options.certificate),
      requestCert: clients !== 'none',
      rejectUnauthorized: clients === 'required',
    },
    handler,
  );
  const sockets = new Set<Socket>();
  // A raw connection whose handshake never ends is not in Node's own list of connections.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // A client that breaks the handshake off is its own business.
  server.on('tlsClientError', () => undefined);
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
  await listen(preferredPort ?? 0).catch(() => listen(0));
  return {
    port: (server.address() as AddressInfo).port,
    replaceCertificate: (certificate) => server.setSecureContext(tlsOptions(certificate)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function tlsOptions({ cert, key, clientCa }: ServedCertificate): ServerOptions {
  return { cert, key, ...(clientCa ? { ca: clientCa } : {}) };
}
