import { GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { operationReport, type OperationReport } from '../../lambdas/contracts/operation-report';
import { AwsError } from '../../local/aws/aws-call';
import { failure } from '../../local/nodes/scripted/outcomes';
import { apiOf } from '../helpers/api';
import { addRoles, as, waiting, wantApproval } from './helpers/approvals';
import { deny } from './helpers/faults';
import { once } from './helpers/scripted';
import { cluster as upgradable, TARGET } from './helpers/upgrades';
import { World } from './helpers/world';

let world: World;
let s3: S3Client;
beforeAll(async () => {
  world = await World.startScripted(addRoles);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  s3 = new S3Client({ endpoint: world.aws.endpoint, region: 'eu-central-1', credentials });
});
afterEach(() => (world.onCall = undefined));
afterAll(async () => {
  s3?.destroy();
  await world?.stop();
});

const bucket = () => world.aws.physicalId('Autopilot/OperationsBucket/Bucket');

async function read(key: string): Promise<string | undefined> {
  try {
    return await (await s3.send(new GetObjectCommand({ Bucket: bucket(), Key: key }))).Body!.transformToString();
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

/** Lets time pass until the report of an operation is in the bucket. */
async function reportOf(
  cluster: string,
  id: string,
  is: (report: OperationReport) => boolean = () => true,
): Promise<{ report: OperationReport; html: string }> {
  let found: { report: OperationReport; html: string } | undefined;
  await world.passUntil(async () => {
    const [json, html] = [await read(`reports/${cluster}/${id}.json`), await read(`reports/${cluster}/${id}.html`)];
    const report = json === undefined ? undefined : operationReport.parse(JSON.parse(json));
    found = report && html !== undefined && is(report) ? { report, html } : undefined;
    return found !== undefined;
  });
  return found!;
}
/** Lets time pass until the bus has heard of a report. */
async function toldOf(id: string) {
  const told = () =>
    world.onBus().flatMap(([type, detail]) => (type === 'Report Written' && detail.id === id ? [detail] : []));
  await world.passUntil(() => told().length > 0);
  return told();
}
const idOf = (arn: string) => `renew-certificates.${arn.split(':').at(-1)!}`;

test('who asked, who approved, the plan, each command, and the serials before and after', async () => {
  const [alice, bob] = [await as(world, 'Alice'), await as(world, 'Bob')];
  world.scriptedCluster('prod');
  await wantApproval(world, 'prod');
  const parameters = { cluster: 'prod', operation: 'renew-certificates' } as const;
  const { id } = await alice.call('startOperation', { parameters });
  const { digest } = await waiting(world, bob, id);
  await bob.call('approveOperation', { parameters: { id }, body: { digest } });

  const { report, html } = await reportOf('prod', id);
  expect(report).toMatchObject({
    ...{ id, cluster: 'prod', status: 'SUCCEEDED', plan: { digest } },
    approval: { digest, requester: { person: 'alice' }, approvers: [{ person: 'bob' }] },
  });
  const commands = report.steps.filter(({ nodeStep }) => nodeStep === 'renew-certificates');
  expect(commands).toEqual([expect.objectContaining({ commandId: expect.stringMatching(/^[0-9a-f-]{36}$/) })]);
  expect(report.changes).toContainEqual(expect.objectContaining({ node: 'cp-1', what: 'apiserver' }));
  for (const text of [
    digest,
    commands[0]!.commandId!,
    '<dt>Asked by</dt><dd>alice</dd>',
    'bob (assumed-role/Bob/laptop',
  ])
    expect(html).toContain(text);
});

test('an upgrade: the steps of its workers, evictions, versions, and its cost as it was counted', async () => {
  const cluster = upgradable(world, 'upgraded', { workers: 2, loadBalancer: false });
  cluster.kubernetes.pods.push({ name: 'shop/cart-7d', node: 'worker-1' });
  const before = { ...world.aws.usage };
  const { arn, output } = await world.runWell('upgrade', { cluster: 'upgraded', version: TARGET });
  const transitions = world.aws.usage.stateTransitions - before.stateTransitions;
  const { report } = await reportOf('upgraded', `upgrade.${arn.split(':').at(-1)!}`);
  expect(report.cost).toMatchObject({ complete: true, planned: { stateTransitions: output.plan.transitions } });
  expect(report.cost!.stateTransitions).toBe(transitions);
  expect(report.cost!.lambdaInvocations).toBeGreaterThan(20);
  expect(report.evictions).toContainEqual({ node: 'worker-1', pods: 1 });
  expect(report.changes).toContainEqual({
    node: 'worker-2',
    what: 'kubelet (upgraded)',
    before: '1.36.3',
    after: TARGET,
  });
  // kubeadm renews what it upgrades, so the serials change with the versions.
  const { changes } = report;
  const ofControlPlane = (what: string) => changes.find((one) => one.node === 'cp-1' && one.what === what);
  expect(ofControlPlane('kube-apiserver')).toMatchObject({ before: '1.36.3', after: TARGET });
  expect(changes).toContainEqual({ node: 'cluster', what: 'kube-proxy', before: '1.36.3', after: TARGET });
  const { before: old, after: fresh } = ofControlPlane('apiserver')!;
  expect([old, fresh]).toEqual(Array(2).fill(expect.stringMatching(/^[0-9A-F]{16}, until \d{4}-\d\d-\d\d$/)));
  expect(fresh).not.toBe(old);
  // The API answers what is kept.
  expect(await (await apiOf(world)).call('reportOperation', { parameters: { id: report.id } })).toEqual(report);
  for (const node of ['worker-1', 'worker-2'])
    expect(report.steps).toContainEqual(
      expect.objectContaining({
        ...{ nodeStep: 'upgrade-kubelet', commandId: expect.any(String) },
        nodes: [{ name: node, state: 'succeeded' }],
      }),
    );
});

test('one that failed says why', async () => {
  const cluster = world.scriptedCluster('broken');
  once(cluster, 'renew-certificates', () => failure('renew', 'the disk is full'));
  const { arn } = await world.run('renew-certificates', { cluster: 'broken' });
  const { report } = await reportOf('broken', idOf(arn));
  expect(report).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('the disk is full') });
});

test('while it runs, the API tells what the histories tell by then', async () => {
  const cluster = world.scriptedCluster('running');
  const api = await apiOf(world);
  let told: OperationReport | undefined;
  once(cluster, 'renew-certificates', async (answer) => {
    const id = idOf(world.runningOf('renew-certificates')[0]!);
    told = await world.despite(1, () => api.call('reportOperation', { parameters: { id } }));
    return answer();
  });
  const { arn } = await world.runWell('renew-certificates', { cluster: 'running' });
  expect(told).toMatchObject({ status: 'RUNNING', changes: [], cost: { complete: true } });
  expect(told!.steps.at(-1)).toMatchObject({ nodeStep: 'renew-certificates', state: 'running' });
  const { report } = await reportOf('running', idOf(arn));
  expect(report.cost!.stateTransitions).toBeGreaterThan(told!.cost!.stateTransitions);
});

test('one that was stopped has its report, and another one after it was redriven', async () => {
  const cluster = world.scriptedCluster('stopped');
  once(cluster, 'renew-certificates', async (answer) => {
    await world.stopExecution(world.runningOf('renew-certificates')[0]!);
    return answer();
  });
  const { arn } = await world.run('renew-certificates', { cluster: 'stopped' });
  const { report } = await reportOf('stopped', idOf(arn));
  expect(report).toMatchObject({ status: 'ABORTED' });
  await world.redrive(arn);
  await reportOf('stopped', idOf(arn), ({ status }) => status === 'SUCCEEDED');
});

test.each(['states:DescribeExecution', 'states:GetExecutionHistory', 's3:PutObject', 'events:PutEvents'])(
  'write-report without %s: the operation succeeds, and the report comes and is told of when it may',
  async (action) => {
    const name = `denied-${action.split(':')[1]!.toLowerCase()}`;
    world.scriptedCluster(name);
    const denied = deny(world, action, 'WriteReportRole');
    const { arn } = await world.runWell('renew-certificates', { cluster: name });
    await world.passUntil(() => denied.times > 0);
    world.onCall = undefined;
    const { report } = await reportOf(name, idOf(arn));
    expect(report).toMatchObject({ status: 'SUCCEEDED' });
    const { dollars, stateTransitions, complete } = report.cost!;
    expect(await toldOf(idOf(arn))).toEqual([
      {
        ...{ id: report.id, operation: 'renew-certificates', cluster: name, execution: arn },
        ...{ bucket: bucket(), key: `reports/${name}/${report.id}`, cost: { dollars, stateTransitions, complete } },
      },
    ]);
  },
);

test('the API without the right to read reports, or the histories of nested executions: what it can still tell', async () => {
  world.scriptedCluster('partly');
  const { arn } = await world.runWell('renew-certificates', { cluster: 'partly' });
  const { report } = await reportOf('partly', idOf(arn));
  const api = await apiOf(world);
  const ask = () => api.call('reportOperation', { parameters: { id: report.id } });
  const denied = deny(world, 's3:GetObject', 'ApiFunctionRole');
  expect(await ask()).toEqual(report);
  expect(denied.times).toBe(1);
  world.onCall = async (call, next) => {
    const isNested = String(call.input['executionArn']).includes(':kubeadm-autopilot-run-on-nodes:');
    if (call.service === 's3' || (call.action === 'GetExecutionHistory' && isNested))
      throw new AwsError('AccessDeniedException', 'denied');
    return next();
  };
  expect(await ask()).toMatchObject({ status: 'SUCCEEDED', changes: report.changes, cost: { complete: false } });
});
