import { randomUUID } from 'node:crypto';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import { decodeAgentMessage, encodeAgentMessage } from './agent-message';
import type { AgentNode } from './agent-node';

interface ChannelOptions {
  /** The one that the agent got last. */
  isToken(token: string): boolean;
  onProblem(sentence: string): void;
}

const opening = z.object({ TokenValue: z.string() });
/** Policy violation, of the WebSocket protocol. */
const REFUSED = 1008;

/** Connects a node with its agent's WebSocket: a first frame of JSON with the token, binary messages from then on. */
export function openChannel(channel: WebSocket, node: AgentNode, { isToken, onProblem }: ChannelOptions): void {
  const said = (what: string, error: unknown) =>
    onProblem(`${node.name}: the agent's ${what} is not understood: ${(error as Error).message}`);
  channel.on('error', (error) => said('connection', error));
  channel.once('message', (data, isBinary) => {
    const first = isBinary ? undefined : opening.safeParse(readJson(data)).data;
    if (!first || !isToken(first.TokenValue)) {
      onProblem(`${node.name}: the agent opened the control channel without the token that it was given last.`);
      return channel.close(REFUSED);
    }
    const disconnected = node.connected((type, payload) =>
      channel.send(encodeAgentMessage({ type, payload, id: randomUUID(), createdAt: new Date() })),
    );
    channel.on('close', disconnected);
    channel.on('message', (frame) => {
      try {
        node.received(decodeAgentMessage(frame as Buffer));
      } catch (error) {
        said('message', error);
      }
    });
  });
}

function readJson(data: RawData): unknown {
  try {
    return JSON.parse((data as Buffer).toString());
  } catch {
    return undefined;
  }
}
