import { createHmac } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { API_PARAMETER } from '../../lambdas/contracts/api/routes';
import { WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP } from '../../lambdas/contracts/chat/request';
import { CHAT_PARAMETERS } from '../../lambdas/contracts/chat/settings';
import type { ChatRule } from '../../lambdas/contracts/chat/rights';
import type { AwsCall } from '../../local/aws/aws-call';
import type { BusEvent } from '../../local/eventbridge/bus-event';
import { VirtualClock } from '../../local/virtual-clock';
import { Person, type Deviation } from '../../local/slack/person';
import { SlackServer } from '../../local/slack/slack-server';
import { Workspace, type Message } from '../../local/slack/workspace';
import { until, World, type Loose } from '../operations/helpers/world';

export const SECRETS = {
  signing: 'the-signing-secret-of-a-test',
  bot: 'xoxb-the-token-of-a-test',
  ci: 'secret-of-ci',
  other: 'secret-of-other',
};
export const OPS = 'C0OPS';
export const ELSEWHERE = 'C0ELSEWHERE';

/** The app on the local AWS with a stand-in of Slack, and clusters that come as a test needs them. */
export class ChatWorld {
  private constructor(
    readonly world: World,
    readonly slack: SlackServer,
    readonly api: string,
  ) {}

  /** @param nodes real ones need real time: then no clock is moved. @param change edits a copy of the template before it is deployed */
  static async start(nodes: 'scripted' | 'real' = 'scripted', change?: (template: Loose) => void): Promise<ChatWorld> {
    const workspace = new Workspace('T0AUTOPILOT', new Set([OPS, ELSEWHERE]), new Map([['S0ADMINS', ['U0GROUPIE']]]));
    const slack = new SlackServer(workspace, SECRETS.bot);
    const address = await slack.start();
    const deployed = (template: Loose) => {
      withoutThrottle(template);
      change?.(template);
    };
    const options = { functionEnvironment: { SLACK_STAND_IN: address } };
    const world = await (nodes === 'scripted'
      ? World.startScripted(deployed, options)
      : World.start(deployed, undefined, options));
    const { Parameter: parameter } = await world.ssm.send(new GetParameterCommand({ Name: API_PARAMETER }));
    for (const [name, Value] of [
      ['slack-signing-secret', SECRETS.signing],
      ['slack-bot-token', SECRETS.bot],
      ['webhook-ci', SECRETS.ci],
      ['webhook-other', SECRETS.other],
    ] as const)
      await world.ssm.send(new PutParameterCommand({ Name: `${CHAT_PARAMETERS}${name}`, Value, Type: 'SecureString' }));
    return new ChatWorld(world, slack, parameter!.Value!);
  }

  async stop(): Promise<void> {
    this.client?.destroy();
    await this.world.stop();
    await this.slack.stop();
  }

  /** A cluster with settings that say who may do what. */
  async cluster(
    name: string,
    rights: ChatRule[],
    options: Parameters<World['scriptedCluster']>[1] = {},
    settings: object = {},
  ) {
    const cluster = this.world.scriptedCluster(name, options);
    await this.settings(name, { chat: { rights }, ...settings });
    return cluster;
  }

  /** As `cdk deploy` writes them. */
  async settings(name: string, settings: object): Promise<void> {
    await this.world.ssm.send(
      new PutParameterCommand({
        Name: `/kubeadm-autopilot/clusters/${name}`,
        Value: JSON.stringify({ cluster: name, ...settings }),
        Type: 'String',
        Overwrite: true,
      }),
    );
  }

  person(user: string, team?: string): Person {
    return new Person(user, this.slack, this.api, SECRETS.signing, team);
  }

  /** What somebody alone gets to see in answer to what they do. */
  async whispered(act: () => Promise<Response>): Promise<string> {
    const before = this.messages.length;
    const answer = await act();
    if (answer.status !== 200) throw new Error(`Answered ${answer.status}: ${await answer.text()}`);
    return (await this.appears('an answer', () => this.messages.slice(before).find(({ only }) => only !== undefined)))
      .text;
  }

  get messages(): Message[] {
    return this.slack.workspace.messages;
  }

  /** Lets time pass until a message is there. */
  message(what: string, is: (message: Message) => boolean, seconds?: number): Promise<Message> {
    return this.appears(what, () => this.messages.find(is), seconds);
  }

  /** The line with cost and report in the thread of an operation's message: the last that it says. */
  report(of: Message): Promise<Message> {
    return this.message('the report', ({ thread, text }) => thread === of.ts && text.includes('Report: '));
  }

  private async appears(what: string, look: () => Message | undefined, seconds?: number): Promise<Message> {
    if (this.world.aws.clock instanceof VirtualClock) await this.world.passUntil(() => look() !== undefined);
    return until(what, look, seconds);
  }

  /** Lambda repeats an asynchronous invocation when it is not sure of the first. */
  async invokeAgain({ input }: AwsCall): Promise<void> {
    const { FunctionName, Payload } = input as { FunctionName: string; Payload: Uint8Array };
    const { FunctionError } = await this.lambda.send(new InvokeCommand({ FunctionName, Payload }));
    if (FunctionError) throw new Error(FunctionError);
  }

  /** EventBridge delivers an event once more to what edits messages. */
  async deliverAgain(event: BusEvent): Promise<void> {
    const FunctionName = this.world.aws.physicalId('Autopilot/Chat/Progress');
    const { FunctionError } = await this.lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    if (FunctionError) throw new Error(FunctionError);
  }

  private get lambda(): LambdaClient {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    return (this.client ??= new LambdaClient({
      endpoint: this.world.aws.endpoint,
      region: 'eu-central-1',
      credentials,
    }));
  }
  private client: LambdaClient | undefined;

  /** A command to the signed webhook. */
  call(
    caller: string,
    command: unknown,
    { secret = SECRETS.ci, at = 0, headers, body }: Deviation = {},
  ): Promise<Response> {
    const signed = JSON.stringify({ command });
    const timestamp = String(Math.floor(Date.now() / 1000) + at);
    const hmac = createHmac('sha256', secret).update(`v0:${timestamp}:${signed}`).digest('hex');
    return fetch(`${this.api}/webhooks/${caller}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [WEBHOOK_TIMESTAMP]: timestamp,
        [WEBHOOK_SIGNATURE]: `v0=${hmac}`,
        ...headers,
      },
      body: body ?? signed,
    });
  }
}

/** Tests send more in a minute than people do. */
function withoutThrottle(template: {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}): void {
  for (const { Type, Properties } of Object.values(template.Resources))
    if (Type === 'AWS::ApiGatewayV2::Stage')
      Object.assign(Properties, {
        RouteSettings: {},
        DefaultRouteSettings: { ThrottlingRateLimit: 1e4, ThrottlingBurstLimit: 1e4 },
      });
}
