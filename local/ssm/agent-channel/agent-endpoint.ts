import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocketServer } from 'ws';
import { AwsError } from '../../aws/aws-call';
import { foreignRequest } from '../../aws/foreign-request';
import { agentCall } from './agent-calls';
import type { AgentNode } from './agent-node';
import { openChannel } from './control-channel';

export interface AgentEndpointOptions {
  /** Whose agents may connect; the list may change. */
  nodes: AgentNode[];
  /** PEM, for 127.0.0.1: the gateway is never spoken to without TLS. The agent has to trust it (SSL_CERT_FILE). */
  certificate: string;
  key: string;
  /** 0 or absent: any free port of 127.0.0.1. */
  port?: number;
  /** Something that the agent asked for or said is not understood. */
  onProblem?(sentence: string): void;
}

/** Target of ec2messages, by which agents got their commands before there was the gateway; AWS has closed it. */
const LEGACY = 'EC2WindowsMessageDeliveryService';
const CHANNEL = /^\/v1\/control-channel\/([^/?]+)/;

/**
 * What a real SSM agent connects to: the calls of SSM that only agents make, and the message gateway (ssmmessages) with the control
 * channel, a WebSocket over which it is given commands. On the loopback; signatures are not checked, as nowhere in the local AWS.
 */
export class AgentEndpoint {
  private readonly server: Server;
  private readonly channels = new WebSocketServer({ noServer: true });
  /** By instance id: what the agent has to show when it opens the channel. */
  private readonly tokens = new Map<string, string>();

  private constructor(private readonly options: AgentEndpointOptions) {
    this.server = createServer({ cert: options.certificate, key: options.key });
    this.server.on('request', (request, response) => void this.answer(request, response));
    this.server.on('upgrade', (request, socket, head) => {
      const node = this.nodeAt(request);
      if (!node || foreignRequest(request.headers) !== undefined)
        return void socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      this.channels.handleUpgrade(request, socket, head, (channel) =>
        openChannel(channel, node, {
          isToken: (token) => token === this.tokens.get(node.instanceId),
          onProblem: (sentence) => this.problem(sentence),
        }),
      );
    });
  }

  static async listen(options: AgentEndpointOptions): Promise<AgentEndpoint> {
    const endpoint = new AgentEndpoint(options);
    await new Promise<void>((resolve, reject) => {
      endpoint.server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    return endpoint;
  }

  /** https://127.0.0.1:PORT, for the agent's Ssm, Mgs and Mds endpoints. */
  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ends all connections. */
  async stop(): Promise<void> {
    for (const channel of this.channels.clients) channel.terminate();
    await new Promise((resolve) => {
      this.server.close(resolve);
      this.server.closeAllConnections();
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const refusal = foreignRequest(request.headers);
      if (refusal !== undefined) throw new AwsError('AccessDeniedException', refusal, 403);
      const body = await text(request);
      const { headers, method, url } = request;
      if (method === 'POST' && CHANNEL.test(url ?? '')) return this.createChannel(request, response);
      const [service, action = ''] = String(headers['x-amz-target']).split('.');
      // Asked until the control channel is open, in vain as on AWS: no reason for a word.
      if (service === LEGACY) return json(response, 400, { __type: 'UnknownOperationException' });
      if (service !== 'AmazonSSM')
        throw new AwsError('UnknownOperationException', `The local SSM does not answer ${method} ${url} of an agent.`);
      json(
        response,
        200,
        agentCall(action, JSON.parse(body), (id) => this.nodeOf(id)),
      );
    } catch (error) {
      const { code, message, status } =
        error instanceof AwsError ? error : new AwsError('InternalFailure', String(error), 500);
      this.problem(message);
      json(response, status, { __type: code, message });
    }
  }

  /** The agent reads XML here, and takes nothing but 201 for a success. */
  private createChannel(request: IncomingMessage, response: ServerResponse): void {
    const node = this.nodeAt(request);
    if (!node) throw unknownInstance(request.url ?? '');
    const token = randomUUID();
    this.tokens.set(node.instanceId, token);
    response
      .writeHead(201, { 'content-type': 'application/xml' })
      .end(
        `<CreateControlChannelResult><MessageSchemaVersion>1.0</MessageSchemaVersion><TokenValue>${token}</TokenValue></CreateControlChannelResult>`,
      );
  }

  private nodeAt({ url }: IncomingMessage): AgentNode | undefined {
    const id = CHANNEL.exec(url ?? '')?.[1];
    return this.options.nodes.find(({ instanceId }) => instanceId === id);
  }

  private nodeOf(id: string): AgentNode {
    const node = this.options.nodes.find(({ instanceId }) => instanceId === id);
    if (!node) throw unknownInstance(id);
    return node;
  }

  private problem(sentence: string): void {
    this.options.onProblem?.(sentence);
  }
}

const unknownInstance = (what: string) =>
  new AwsError(
    'InvalidInstanceId',
    `An agent calls as ${what}, which is none of the nodes that agents may connect for.`,
  );

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}
