import type { FastifyInstance, FastifyRequest } from 'fastify';
import fastify from 'fastify';
import { foreignRequest } from '../aws/foreign-request';
import { listenOnSocket } from '../aws/listen-on-socket';
import type { Node } from '../nodes/node';
import { SOURCE_HEADER } from '../nodes/node';
import type { MetadataService } from './metadata-service';

/** The address that every EC2 instance finds its metadata at. */
export const METADATA_HOST = '169.254.169.254';

/** Makes the metadata service answer nodes, each with its own. */
export class MetadataFront {
  private readonly servers: FastifyInstance[] = [];

  constructor(private readonly service: MetadataService) {}

  /** For one node, on a port of the loopback that is its alone. Resolves to http://127.0.0.1:PORT. */
  listenFor(node: Node): Promise<string> {
    return this.serve(() => node).listen({ host: '127.0.0.1', port: 0 });
  }

  /** For nodes that are told apart by the address that their requests come from. */
  async listenForNodes(socket: string, nodeAt: (address: string) => Node | undefined): Promise<void> {
    const server = this.serve((request) => nodeAt(String(request.headers[SOURCE_HEADER] ?? '')), METADATA_HOST);
    await listenOnSocket(server, socket);
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
  }

  private serve(nodeOf: (request: FastifyRequest) => Node | undefined, host?: string): FastifyInstance {
    const server = fastify({ forceCloseConnections: true });
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    server.all('/*', async (request, reply) => {
      const { method, url, headers } = request;
      const node = nodeOf(request);
      // As a pod's request behind its hop limit of 1: the service is for the instance itself.
      if (foreignRequest(headers, host) !== undefined || !node) return reply.code(403).type('text/plain').send('');
      const { status, body } = this.service.answer(node, { method, path: url.split('?')[0]!, headers });
      return reply.code(status).type('text/plain').send(body);
    });
    this.servers.push(server);
    return server;
  }
}
