import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decode, encode } from 'cbor-x';

/** A call as it came over the wire; `input` holds JSON or CBOR members, or the fields of a query string. */
export interface ReceivedCall {
  action: string;
  input: Record<string, unknown>;
}

/** What the API answers: its members, a failure with AWS's code, or (for XML protocols) the body of the answer. */
export type Answer = { body: Record<string, unknown> } | { code: string; message?: string } | { xml: string };
export type Answering = (call: ReceivedCall, earlier: ReceivedCall[]) => Answer;

/** Answers the AWS SDK's own clients on 127.0.0.1, in the wire form of the protocol that they asked in. */
export class AwsServer {
  readonly calls: ReceivedCall[] = [];
  private answers: Record<string, Answering> = {};
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      void readBody(request).then((body) => {
        const call = parse(request, body);
        const earlier = this.calls.filter(({ action }) => action === call.action);
        this.calls.push(call);
        const answering = this.answers[call.action];
        const answer: Answer = answering
          ? answering(call, earlier)
          : { code: 'AccessDeniedException', message: `The test expects no call of ${call.action}` };
        const { status, type, text } = render(answer, protocolOf(request));
        response.writeHead(status, {
          'content-type': type,
          'x-amzn-requestid': '00000000-0000-0000-0000-000000000000',
          ...(type === 'application/cbor' ? { 'smithy-protocol': 'rpc-v2-cbor' } : {}),
        });
        response.end(text);
      });
    });
  }

  /** Starts it and points the SDK to it. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    process.env.AWS_REGION = 'eu-central-1';
    process.env.AWS_ACCESS_KEY_ID = 'test';
    process.env.AWS_SECRET_ACCESS_KEY = 'test';
    process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Forgets earlier calls and answers. */
  answer(answers: Record<string, Answering | Answer>): void {
    this.calls.length = 0;
    this.answers = Object.fromEntries(
      Object.entries(answers).map(([action, answer]) => [action, typeof answer === 'function' ? answer : () => answer]),
    );
  }

  callsOf(action: string): Record<string, unknown>[] {
    return this.calls.filter((call) => call.action === action).map(({ input }) => input);
  }
}

type Protocol = 'json' | 'cbor' | 'xml';

function protocolOf(request: IncomingMessage): Protocol {
  if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') return 'cbor';
  return request.headers['x-amz-target'] ? 'json' : 'xml';
}

function parse(request: IncomingMessage, body: Buffer): ReceivedCall {
  switch (protocolOf(request)) {
    case 'cbor':
      return { action: request.url?.split('/').at(-1) ?? '', input: decode(body) as Record<string, unknown> };
    case 'json':
      return {
        action: String(request.headers['x-amz-target']).split('.').at(-1) ?? '',
        input: JSON.parse(body.toString()),
      };
    case 'xml': {
      const fields = Object.fromEntries(new URLSearchParams(body.toString()));
      return { action: fields.Action ?? '', input: fields };
    }
  }
}

function render(answer: Answer, protocol: Protocol): { status: number; type: string; text: string | Buffer } {
  if ('xml' in answer) return { status: 200, type: 'text/xml', text: answer.xml };
  const failed = 'code' in answer;
  const status = failed ? 400 : 200;
  const members = failed ? { __type: answer.code, message: answer.message ?? 'refused by the test' } : answer.body;
  if (protocol === 'json') return { status, type: 'application/x-amz-json-1.1', text: JSON.stringify(members) };
  if (protocol === 'cbor') return { status, type: 'application/cbor', text: encode(members) };
  const { __type: code, message } = members as { __type?: string; message?: string };
  return {
    status,
    type: 'text/xml',
    text: failed
      ? `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`
      : '<Response/>',
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
