import { ListCommandsCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { AwsError } from '../../local/aws/aws-call';
import { World, until } from './helpers/world';

let world: World;
let cluster: ScriptedCluster;
beforeAll(async () => {
  world = await World.startScripted();
  cluster = world.scriptedCluster('solo');
});
afterEach(() => (world.onCall = world.onEvent = undefined));
afterAll(() => world?.stop());

const isCommandEnd = (type: string) => type === 'EC2 Command Status-change Notification';
const count = (action: string, since: number) =>
  world.calls.slice(since).filter((call) => call.action === action).length;

/** A check, which sends one command; what happened on its way. */
async function check() {
  const since = world.calls.length;
  const { output } = await world.runWell('check-certificates', { cluster: 'solo', renew: false });
  expect(output).toMatchObject({ nodesChecked: 1, next: 'notify' });
  const [nested] = await world.executions('run-on-nodes');
  return { sent: world.sent(since), states: await world.entered(nested!), since };
}

test('the event comes: no polling', async () => {
  const { sent, states } = await check();
  expect(sent).toEqual(['check-certificates to cp-1']);
  expect(states).toEqual(['Check the nodes and the lock', 'Send the command', 'Read the results']);
});

test('another command is told of, which has ended well: it is not believed, and the right one is found', async () => {
  await check();
  const { Commands: commands } = await world.ssm.send(new ListCommandsCommand({}));
  world.onCall = (call, next) => {
    if (call.action === 'SendTaskSuccess')
      call.input['output'] = JSON.stringify({ commandId: commands![0]!.CommandId });
    return next();
  };
  const { sent, states } = await check();
  expect(sent).toEqual(['check-certificates to cp-1']);
  expect(states.slice(1)).toEqual([
    'Send the command',
    'Read the results',
    'Wait until SSM shows new commands',
    'Find the command',
    'Was it sent?',
    'Read the results',
  ]);
});

test('the event is delivered twice: the second is of no matter', async () => {
  world.onEvent = (event) => (isCommandEnd(event['detail-type']) ? [event, event] : [event]);
  const { sent } = await check();
  expect(sent).toHaveLength(1);
  await until('complete-command has seen the second', () =>
    world.logs.some((line) => line.includes('RunOnNodes no longer waits for this command')),
  );
  expect(world.problems).toEqual([]);
});

test('the event comes before SendCommand has answered', async () => {
  world.onCall = async (call, next) => {
    const since = world.calls.length;
    const answer = await next();
    if (call.action === 'SendCommand')
      await world.despite(1, () => until('the task was completed', () => count('SendTaskSuccess', since) > 0));
    return answer;
  };
  expect((await check()).sent).toHaveLength(1);
});

test('a command that somebody else sent with our document completes nothing', async () => {
  const since = world.events.length;
  const calls = world.calls.length;
  const InstanceIds = [cluster.node('cp-1').instanceId];
  await world.ssm.send(new SendCommandCommand({ DocumentName: 'kubeadm-autopilot-check-certificates', InstanceIds }));
  await until('it has ended', () =>
    world.events
      .slice(since)
      .some((event) => isCommandEnd(event['detail-type']) && event.detail['status'] === 'Success'),
  );
  await check();
  expect(count('SendTaskSuccess', calls)).toBe(1);
});

test('SendCommand is throttled once: asked for, then sent once', async () => {
  let refusals = 1;
  world.onCall = async (call, next) => {
    if (call.action === 'SendCommand' && refusals-- > 0) throw new AwsError('ThrottlingException', 'Rate exceeded');
    return next();
  };
  const { sent, states } = await check();
  expect(sent).toHaveLength(1);
  expect(states).toContain('Find the command');
});

test('the connection is lost after SSM has taken the command: found by its comment, not sent again', async () => {
  world.onCall = async (call, next) => {
    const answer = await next();
    if (call.action === 'SendCommand') throw new AwsError('InternalServerError', 'Connection reset by peer', 500);
    return answer;
  };
  const { sent, states } = await check();
  expect(sent).toHaveLength(1);
  expect(states.slice(1, 5)).toEqual([
    'Send the command',
    'Wait until SSM shows new commands',
    'Find the command',
    'Was it sent?',
  ]);
});

describe('the heartbeat passes', () => {
  test('the event is lost: the results are read after the heartbeat', async () => {
    world.onEvent = (event) => (isCommandEnd(event['detail-type']) ? [] : [event]);
    const { sent, states, since } = await check();
    expect(sent).toHaveLength(1);
    expect(states).toContain('Find the command');
    expect(count('SendTaskSuccess', since)).toBe(0);
  });

  test('complete-command may not complete: a minute lost, no more', async () => {
    world.onCall = async (call, next) => {
      if (call.action === 'SendTaskSuccess') throw new AwsError('AccessDeniedException', 'Denied by a test.');
      return next();
    };
    const { sent, states } = await check();
    expect(sent).toHaveLength(1);
    expect(states).toContain('Find the command');
  });

  test('the event comes after the heartbeat: nobody minds', async () => {
    let answers = 0;
    world.onCall = async (call, next) => {
      if (call.action !== 'SendTaskSuccess') return next();
      world.aws.clock.advance(60_000);
      await until('RunOnNodes has gone on', async () => {
        const [latest] = await world.executions('run-on-nodes');
        return (await world.entered(latest!)).includes('Wait until SSM shows new commands');
      });
      return next().finally(() => (answers += 1));
    };
    const { sent } = await check();
    expect(sent).toHaveLength(1);
    await until('it was answered', () => answers === 1);
    expect(world.problems).toEqual([]);
  });
});
