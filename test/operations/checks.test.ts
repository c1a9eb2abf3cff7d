import { nested } from '../../local/nodes/scripted/outcomes';
import { once } from './helpers/scripted';
import { DAY, World } from './helpers/world';
import type { Loose } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterAll(() => world?.stop());

/** Its report; the check only looks. */
async function check(cluster: string): Promise<Loose> {
  return (await world.runWell('check-certificates', { cluster, renew: false })).output;
}

/** What the operators were told of a cluster. */
const told = (cluster: string) =>
  world.aws.published().filter(({ subject, message }) => subject?.includes(cluster) || message.includes(cluster));

test('everything has expired, the CA excepted: all of it is told', async () => {
  world.scriptedCluster('expired', { leafSeconds: -DAY, validity: () => undefined });
  const report = await check('expired');
  const expired = report.findings
    .filter(({ kind }: Loose) => kind === 'expired')
    .map(({ certificate }: Loose) => certificate);
  expect(expired).toEqual(
    expect.arrayContaining(['apiserver', 'etcd-server', 'etcd-peer', 'admin.conf', 'scheduler.conf']),
  );
  expect(report.smallest.secondsLeft).toBeLessThan(0);
  expect(told('expired')).toHaveLength(1);
});

test('a node is off: a finding names it, and the others are told as ever', async () => {
  const cluster = world.scriptedCluster('one-off', { controlPlanes: 2 });
  await cluster.node('cp-2').powerOff();
  const report = await check('one-off');
  expect(report.nodesChecked).toBe(1);
  expect(report.findings).toContainEqual(expect.objectContaining({ kind: 'node-unreachable', node: 'cp-2' }));
  expect(report.findings).toContainEqual(expect.objectContaining({ kind: 'expiring', node: 'cp-1' }));
  const { Value: notChecked } = world.calls
    .filter(({ action }) => action === 'PutMetricData')
    .flatMap(({ input }) => input['MetricData'] as Loose[])
    .filter(({ MetricName }) => MetricName === 'NodesNotChecked')
    .at(-1);
  expect(notChecked).toBe(1);

  const ended = await world.run('renew-certificates', { cluster: 'one-off' });
  expect(ended).toMatchObject({ status: 'FAILED', error: 'GateRefused', cause: expect.stringContaining('cp-2') });
});

test.each(['check-certificates', 'renew-certificates'] as const)(
  '%s with all control planes off: NodeUnreachable, and nothing is sent',
  async (operation) => {
    const name = `all-off-${operation.split('-')[0]}`;
    const cluster = world.scriptedCluster(name, { workers: 1 });
    await cluster.node('cp-1').powerOff();
    const since = world.calls.length;
    const ended = await world.run(operation, { cluster: name });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'NodeUnreachable' });
    expect(ended.cause).toMatch(/^No control plane of all-off-\w+ can be reached .*cp-1: the instance is stopped.*\.$/);
    expect(world.sent(since)).toEqual([]);
  },
);

test('renew: false: the operators are told instead', async () => {
  world.scriptedCluster('only-look');
  const since = world.calls.length;
  const { output } = await world.runWell('check-certificates', { cluster: 'only-look', renew: false });
  expect(output).toMatchObject({ next: 'notify', because: expect.stringContaining('"renew": false') });
  expect(told('only-look').map(({ message }) => message)).toEqual([expect.stringContaining('cp-1')]);
  expect(world.sent(since)).toEqual(['check-certificates to cp-1']);
});

test('thresholdDays 3650 with 100 days left of a year reports, and renews nothing', async () => {
  const cluster = world.scriptedCluster('far-off', { leafSeconds: 100 * DAY });
  const had = cluster.node('cp-1').serials;
  const since = world.calls.length;
  const { output } = await world.runWell('check-certificates', { cluster: 'far-off', thresholdDays: 3650 });
  expect(output).toMatchObject({ next: 'notify', because: expect.stringContaining('none of it is due') });
  expect(output.findings).toContainEqual(expect.objectContaining({ kind: 'expiring', certificate: 'apiserver' }));
  expect(output.nextExecutionArn).toBeUndefined();
  expect(world.sent(since)).toEqual(['check-certificates to cp-1']);
  expect(cluster.node('cp-1').serials).toEqual(had);
});

test('a frozen cluster: the check tells why nothing follows, and the renewal refuses', async () => {
  const cluster = world.scriptedCluster('frozen', { tags: { 'kubeadm-autopilot:frozen': 'release week' } });
  const { output } = await world.runWell('check-certificates', { cluster: 'frozen' });
  expect(output).toMatchObject({ next: 'notify', because: expect.stringContaining('release week') });
  const had = cluster.node('cp-1').serials;
  const ended = await world.run('renew-certificates', { cluster: 'frozen', force: true });
  expect(ended).toMatchObject({
    status: 'FAILED',
    error: 'GateRefused',
    cause: expect.stringContaining('release week'),
  });
  expect(cluster.node('cp-1').serials).toEqual(had);
});

test('one hostile control plane costs itself alone: the others are checked and told of', async () => {
  const cluster = world.scriptedCluster('hostile', { controlPlanes: 2 });
  once(cluster, 'check-certificates', () => nested(5000), 'cp-2');
  const report = await check('hostile');
  expect(report.nodesChecked).toBe(1);
  expect(report.findings).toContainEqual(
    expect.objectContaining({ kind: 'node-failed', node: 'cp-2', message: expect.stringContaining('nests deeper') }),
  );
  expect(report.findings).toContainEqual(expect.objectContaining({ kind: 'expiring', node: 'cp-1' }));
});

test('what a renewal needs is not there: a finding says what to do, and no renewal is started that would be refused', async () => {
  const cluster = world.scriptedCluster('obstructed');
  const obstacle = {
    precondition: 'files can be written',
    reason: '/etc/kubernetes/pki/apiserver.crt cannot be written (Read-only file system)',
    whatToDo: 'make the file system writable',
  };
  const obstructed: Parameters<typeof once>[2] = (answer) => {
    const outcome = answer();
    return {
      ...outcome,
      stdout: outcome.stdout.replace('"certificates":', `"obstacles":[${JSON.stringify(obstacle)}],$&`),
    };
  };
  once(cluster, 'check-certificates', obstructed);
  const since = world.calls.length;
  const { output } = await world.runWell('check-certificates', { cluster: 'obstructed' });
  expect(output).toMatchObject({ next: 'notify', notify: true });
  expect(output.nextExecutionArn).toBeUndefined();
  expect(world.sent(since)).toEqual(['check-certificates to cp-1']);
  expect(output.because).toContain('is not started, because it would be refused: on cp-1 something stands in its way');
  expect(output.findings).toContainEqual(expect.objectContaining({ kind: 'renewal-refused', node: 'cp-1' }));
  const [mail] = told('obstructed').map(({ message }) => message);
  expect(mail).toContain(`renew-certificates would be refused on cp-1: ${obstacle.reason}; ${obstacle.whatToDo}.`);

  const again = await world.runWell('check-certificates', { cluster: 'obstructed' });
  expect(again.output).toMatchObject({ next: 'renew', nextExecutionArn: expect.stringContaining('renew') });
  expect((await world.end(again.output.nextExecutionArn)).status).toBe('SUCCEEDED');
});

test('JSONata in an answer is text', async () => {
  const cluster = world.scriptedCluster('jsonata');
  const text = '{% $states.context.Execution.Id %}';
  once(cluster, 'check-certificates', async (answer) => {
    const outcome = await answer();
    return { ...outcome, stdout: outcome.stdout.replace(/"path":"[^"]*apiserver.crt"/, `"path":"${text}"`) };
  });
  const report = await check('jsonata');
  expect(report.findings).toContainEqual(expect.objectContaining({ certificate: 'apiserver', path: text }));
});

test('an instance with a wrong role: a check tells it and goes on, a renewal refuses', async () => {
  const cluster = world.scriptedCluster('mistagged', { controlPlanes: 2 });
  cluster.node('cp-2').tags['kubeadm-autopilot:role'] = 'master';
  const report = await check('mistagged');
  expect(report).toMatchObject({ nodesChecked: 1, next: 'notify' });
  expect(report.findings).toContainEqual(expect.objectContaining({ kind: 'wrong-role', node: 'cp-2' }));
  const ended = await world.run('renew-certificates', { cluster: 'mistagged', force: true });
  expect(ended).toMatchObject({
    status: 'FAILED',
    error: 'InvalidClusterConfig',
    cause: expect.stringContaining('cp-2'),
  });
});
