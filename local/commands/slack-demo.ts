import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { SFNClient } from '@aws-sdk/client-sfn';
import pc from 'picocolors';
import { API_PARAMETER } from '../../lambdas/contracts/api/routes';
import { CHAT_PARAMETERS } from '../../lambdas/contracts/chat/settings';
import { Person } from '../slack/person';
import { conversationPage } from '../slack/render-page';
import { messageText } from '../slack/render-text';
import { SlackServer } from '../slack/slack-server';
import { Workspace, type Message } from '../slack/workspace';
import type { CleanUp } from './interrupt';
import { startLocalCluster } from './start-local-cluster';
import { followExecution, nextExecution } from './watch-execution';

const SIGNING_SECRET = 'signing-secret-of-the-stand-in';
const BOT_TOKEN = 'xoxb-of-the-stand-in';
const OPS = 'C0OPS';
const NAMES = { [OPS]: 'ops', U0ADA: 'ada', U0BOB: 'bob', U0EVE: 'eve', app: 'autopilot' };
/** Ada may do everything from #ops, the others there may look. */
const RIGHTS = [
  { allow: ['look', 'plan', 'start', 'stop', 'freeze'], users: ['U0ADA'], channels: [OPS] },
  { allow: ['look', 'plan'], channels: [OPS] },
];
const PATIENCE_MS = 300_000;

/** Plays a conversation in Slack against a stand-in of it: what people type, what the app answers, a renewal from plan to end, and what is refused. */
export async function playConversation(cleanUp: CleanUp, { page }: { page?: string }): Promise<{ address: string }> {
  const workspace = new Workspace('T0DEMO', new Set([OPS]), new Map(), new Map(Object.entries(NAMES)));
  const slack = new SlackServer(workspace, BOT_TOKEN);
  const address = await slack.start();
  cleanUp.add(() => slack.stop());
  const local = await startLocalCluster(cleanUp, {
    onProgress: (what) => console.log(pc.dim(`${what} ...`)),
    slack: { address, workspace: workspace.id, rights: RIGHTS },
  });
  const client = {
    endpoint: local.aws.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const [ssm, sfn] = [new SSMClient(client), new SFNClient(client)];
  for (const [name, Value] of [
    ['slack-signing-secret', SIGNING_SECRET],
    ['slack-bot-token', BOT_TOKEN],
  ] as const)
    await ssm.send(new PutParameterCommand({ Name: `${CHAT_PARAMETERS}${name}`, Value, Type: 'SecureString' }));
  const { Parameter: parameter } = await ssm.send(new GetParameterCommand({ Name: API_PARAMETER }));
  const person = (user: string, secret = SIGNING_SECRET, team?: string) =>
    new Person(user, slack, parameter!.Value!, secret, team);
  console.log(pc.dim(`Slack's stand-in and the page: ${address}`));

  const show = showMessages(workspace);
  const say = async (user: string, text: string, who = person(user)) => {
    console.log(`\n${pc.bold(NAMES[user as keyof typeof NAMES])} (#ops)  ${pc.cyan(`/k8s ${text}`)}`);
    workspace.messages.push({ channel: OPS, ts: '0', from: user, text: `/k8s ${text}`, blocks: [], edits: 0 });
    const before = workspace.messages.length;
    const answer = await who.type(OPS, text);
    if (!answer.ok)
      return console.log(
        pc.red(`  refused (${answer.status}): ${((await answer.json()) as { message: string }).message}`),
      );
    await until(() => workspace.messages.length > before);
  };

  await say('U0ADA', 'help');
  await say('U0ADA', 'status demo');
  await say('U0BOB', 'renew demo --yes');
  await say('U0EVE', 'status demo', person('U0EVE', SIGNING_SECRET, 'T0ELSEWHERE'));
  await say('U0EVE', 'freeze demo mine now', person('U0EVE', 'a guessed secret'));
  await say('U0ADA', 'renew demo');
  const plan = await until(() =>
    workspace.messages.find(({ blocks }) => blocks.some(({ type }) => type === 'actions')),
  );
  const renewal = local.aws.physicalId('Autopilot/RenewCertificates');
  const known = new Set<string>();
  known.add(await nextExecution(sfn, renewal, known, AbortSignal.timeout(PATIENCE_MS)));
  console.log(`\n${pc.bold('bob')} clicks ${pc.cyan('Start')}`);
  const before = workspace.messages.length;
  await person('U0BOB').click(plan, 'start');
  await until(() => workspace.messages.length > before);
  console.log(`\n${pc.bold('ada')} clicks ${pc.cyan('Start')}`);
  await person('U0ADA').click(plan, 'start');
  const execution = await nextExecution(sfn, renewal, known, AbortSignal.timeout(PATIENCE_MS));
  await followExecution(sfn, execution, (state) => void passTheTime(local.aws.clock, state));
  // The report is the last of it.
  await until(() => workspace.messages.find(({ thread, text }) => thread === plan.ts && text.includes('Report: ')));
  show.end();
  if (page !== undefined) await writeFile(page, conversationPage(workspace));
  return { address };
}

/** New messages at once; of one that is edited again and again, a line for each change of its plan, and the whole of it at the end. */
function showMessages(workspace: Workspace): { end(): void } {
  const lines = new Map<Message, string>();
  workspace.onChange = (message) => {
    const planBlock = message.blocks.find((block) => block.type === 'plan');
    const line = planBlock?.title;
    if (line === undefined || message.edits === 0) return console.log(messageText(message, workspace));
    if (lines.get(message) !== line) console.log(pc.dim(`  edited: ${line}`));
    lines.set(message, line);
  };
  return {
    end() {
      workspace.onChange = () => undefined;
      for (const message of lines.keys()) console.log(messageText(message, workspace));
    },
  };
}

/** The simulated load balancer is done within a moment: the clock moves over what is waited for it. */
async function passTheTime(clock: { advance(ms: number): void }, state: string): Promise<void> {
  if (!/^(Wait for its connections|Let the load balancer|Wait until it is healthy)/.test(state)) return;
  await delay(500);
  clock.advance(30_000);
}

async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await delay(100)) {
    const found = look();
    if (found) return found;
  }
  throw new Error('No answer came within five minutes.');
}
