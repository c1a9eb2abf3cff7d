import { randomUUID } from 'node:crypto';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import {
  decodeAgentMessage,
  encodeAgentMessage,
  type AgentMessage,
} from '../../../../local/ssm/agent-channel/agent-message';

/** What a test looks into freely: the protocol's JSON. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

/** The agent's side of the protocol, over real TLS and WebSockets; what it answers, each test says. */
export class ScriptedAgent {
  /** Frames that came, their payloads read. */
  readonly got: { type: string; id: string; payload: Loose }[] = [];
  private channel?: WebSocket;

  constructor(
    private readonly url: string,
    private readonly ca: string,
    readonly instanceId: string,
  ) {}

  post(path: string, body: object, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      request(`${this.url}${path}`, { method: 'POST', ca: this.ca, headers }, async (response) =>
        resolve({ status: response.statusCode!, body: await text(response) }),
      )
        .on('error', reject)
        .end(JSON.stringify(body));
    });
  }

  async call(action: string, input: object): Promise<{ status: number; body: Loose }> {
    const { status, body } = await this.post('/', input, { 'x-amz-target': `AmazonSSM.${action}` });
    return { status, body: JSON.parse(body) };
  }

  register(AgentVersion: string) {
    return this.call('UpdateInstanceInformation', { InstanceId: this.instanceId, AgentVersion, AgentStatus: 'Active' });
  }

  /** Opens the control channel with the token that it asked for, or with another one. */
  async connect(token?: string, headers: Record<string, string> = {}): Promise<void> {
    const path = `/v1/control-channel/${this.instanceId}`;
    const { body } = await this.post(path, { MessageSchemaVersion: '1.0', RequestId: randomUUID() });
    const TokenValue = token ?? /<TokenValue>([^<]+)/.exec(body)?.[1];
    const channel = new WebSocket(`${this.url}${path}?role=subscribe&stream=input`, { ca: this.ca, headers });
    this.channel = channel;
    channel.on('message', (frame) => {
      const { type, id, payload } = decodeAgentMessage(frame as Buffer);
      this.got.push({ type, id, payload: JSON.parse(payload) });
    });
    await new Promise((resolve, reject) => channel.once('open', resolve).once('error', reject));
    channel.send(JSON.stringify({ Cookie: null, MessageSchemaVersion: '1.0', TokenValue, AgentVersion: '3.3.4624.0' }));
  }

  /** Resolves to the code with which the connection ends. */
  closed(): Promise<number> {
    return new Promise((resolve) => this.channel!.once('close', resolve));
  }

  disconnect(): void {
    this.channel!.terminate();
  }

  send(type: string, payload: object | string, id = randomUUID() as string): string {
    const message: AgentMessage = {
      type,
      id,
      createdAt: new Date(),
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    };
    this.channel!.send(encodeAgentMessage(message));
    return id;
  }

  /** Frames of jobs for a topic such as sendCommand, without those that were offered again. */
  jobs(topic: 'sendCommand' | 'cancelCommand'): Loose[] {
    const jobs = this.got.filter(
      ({ type, payload }) => type === 'agent_job' && payload.Topic.startsWith(`aws.ssm.${topic}`),
    );
    return [...new Map(jobs.map(({ payload }) => [payload.JobId, payload])).values()];
  }

  acknowledge(jobId: string, statusCode = '200') {
    return this.send('agent_job_ack', { jobId, statusCode, errorMessage: statusCode === '200' ? '' : 'Refused' });
  }

  /** A reply about a document, and about steps of it as `{ name: [status, code, stdout] }`. */
  reply(jobId: string, documentStatus: string, steps: Record<string, [string, number, string]> = {}): string {
    const runtimeStatus = Object.fromEntries(
      Object.entries(steps).map(([name, [status, code, standardOutput]]) => [
        name,
        {
          status,
          code,
          name: 'aws:runShellScript',
          output: standardOutput,
          standardOutput,
          standardError: '',
          startDateTime: '2026-01-02T03:04:05.000Z',
          endDateTime: status === 'InProgress' ? '0001-01-01T00:00:00.000Z' : '2026-01-02T03:04:07.000Z',
        },
      ]),
    );
    const content = JSON.stringify({ additionalInfo: {}, documentStatus, documentTraceOutput: '', runtimeStatus });
    return this.send('agent_job_reply', { schemaVersion: 1, jobId, content, topic: 'aws.ssm.sendCommand' });
  }
}
