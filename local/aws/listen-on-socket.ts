import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Listens on a unix socket; one that a process left behind which did not end in order is taken over.
 * @throws Error when somebody else listens there.
 */
export async function listenOnSocket(server: FastifyInstance, path: string): Promise<void> {
  if (existsSync(path)) {
    if (await isAnswered(path))
      throw new Error(`Another local AWS is running for these nodes (it listens on ${path}): end it first.`);
    await rm(path, { force: true });
  }
  await server.listen({ path });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(path);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}
