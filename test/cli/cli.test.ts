import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { OPERATIONS } from '../../lambdas/contracts/operation';
import { ApiClient } from '../../cli/api/client';
import { EXIT } from '../../cli/exit';
import { wordOf } from '../../lambdas/contracts/operation-fields';
import { done } from '../../local/nodes/scripted/outcomes';
import { once } from '../operations/helpers/scripted';
import { DAY, World } from '../operations/helpers/world';
import { apiOf } from '../helpers/api';
import { cliOf } from '../helpers/cli';

let world: World;
let api: ApiClient;
let autopilot: ReturnType<typeof cliOf>;
beforeAll(async () => {
  world = await World.startScripted();
  api = await apiOf(world);
  autopilot = cliOf(world, api);
  world.scriptedCluster('demo', { controlPlanes: 3, workers: 1 });
  world.scriptedCluster('well', { leafSeconds: 100 * DAY });
});
afterAll(() => world.stop());

test('clusters and status: tables for people, the same as JSON', async () => {
  const { out, code } = await autopilot('clusters');
  expect(code).toBe(EXIT.done);
  expect(out).toMatch(/^demo +3 +1 +0 +yes +-$/m);
  expect(out).toMatch(/^well +1 +0 +0 +none +-$/m);
  const json = JSON.parse((await autopilot('clusters --json')).out);
  expect(json).toEqual(await api.call('listClusters'));

  const status = await autopilot('status demo');
  expect(status.out).toContain('lock:     free');
  expect(status.out).toMatch(/^cp-1 +control-plane +i-\S+ +10\.0\.1\.11 +3\.3\.4624\.0 +running$/m);
});

test('renew: the plan is shown, asked about, done, watched to its end; then history, report and logs know it', async () => {
  const questions: string[] = [];
  const declined = await autopilot('renew demo', { ask: async (question) => questions.push(question) < 0 });
  expect(declined).toMatchObject({ code: EXIT.declined, note: expect.stringContaining('Nothing was started.') });
  expect(declined.note).toMatch(/^2 +cp-\d +renew certificates/m);
  expect(questions).toEqual(['Start renew-certificates of demo?']);
  expect(world.sent().filter((sent) => sent.startsWith('renew-certificates'))).toEqual([]);

  const frames: string[] = [];
  const done = await autopilot('renew demo', { ask: async () => true, draw: (frame) => frames.push(frame) });
  expect(done).toMatchObject({ code: EXIT.done, out: '' });
  const id = /Started (\S+);/.exec(done.note)![1]!;
  expect(frames.some((frame) => / {2}… Renew certificates on the node {2}cp-2 …/.test(frame))).toBe(true);
  expect(frames.some((frame) => frame.includes('to come: cp-3'))).toBe(true);
  expect(frames.at(-1)).toMatch(/^renew-certificates of demo {2}succeeded .* asked by user\/local \(api\)$/m);

  const history = await autopilot('history demo');
  expect(history.out).toMatch(new RegExp(`renew-certificates +succeeded .* user/local \\(api\\) +${id}$`, 'm'));
  expect(history.out).toContain('renew-certificates (plan)');
  const json = JSON.parse((await autopilot(`report ${id} --json`)).out);
  expect(json).toEqual(await api.call('reportOperation', { parameters: { id } }));
  expect(json).toMatchObject({ id, cost: { complete: true }, changes: expect.arrayContaining([expect.anything()]) });
  const report = await autopilot(`report ${id}`);
  expect(report.out).toMatch(/^cp-3 +apiserver +[0-9A-F]{16}, until \S+ +[0-9A-F]{16}, until \S+$/m);
  expect(report.out).toMatch(/^Cost: \$0\.\d{4} \(\d+ state transitions, \d+ Lambda calls\)\.$/m);
  expect(report.out).toMatch(/✔ Renew certificates on the node {2}cp-3 ✔/);
  const logs = await autopilot('logs cp-3');
  expect(logs.out).toMatch(/ UTC {2}renew-certificates {2}Success \(exit code 0\)/);
  expect(logs.out).toContain('in /var/lib/kubeadm-autopilot/logs');
});

test('check and certificates: options of the contract, a line for each step where there is no terminal', async () => {
  const before = await autopilot('certificates well');
  expect(before).toMatchObject({ code: EXIT.refused, note: expect.stringContaining('No check of the certificates') });
  const { code, out } = await autopilot('check well --yes --threshold-days 250 --no-renew');
  expect(code).toBe(EXIT.done);
  expect(out).toMatch(/UTC {2}Check certificates on the nodes \(cp-1\): succeeded$/m);
  expect((await autopilot('status well')).out).toMatch(
    /^versions: API server \S+; kubelets \S+ on 1 node, as of \S+ \S+ UTC$/m,
  );
  const report = await autopilot('certificates well');
  expect(report.out).toMatch(/^cp-1 +apiserver +expiring +(99|100) days/m);
  expect((await api.call('listOperations', { query: { cluster: 'well' } })).operations[0]).toMatchObject({
    operation: 'check-certificates',
  });
});

test('remove: the node is an argument, and the plan shows its steps', async () => {
  world.scriptedCluster('leaving', { controlPlanes: 3, workers: 1 });
  const missing = await autopilot('remove leaving');
  expect(missing).toMatchObject({
    code: EXIT.usage,
    note: expect.stringContaining("missing required argument 'node'"),
  });
  const declined = await autopilot('remove leaving cp-3', { ask: async () => false });
  expect(declined.note).toMatch(/^1 +cp-3 +drain/m);
  expect(declined.note).toMatch(/^3 +cp-3 +remove its etcd member and its Node/m);
  expect(declined).toMatchObject({ code: EXIT.declined });
});

test('replace: the machine that joins is said by its name, and the plan shows the steps of both', async () => {
  const cluster = world.scriptedCluster('exchanged', { controlPlanes: 3, workers: 2 });
  Object.assign(cluster.node('worker-2'), { membership: 'none', prepared: false });
  const missing = await autopilot('replace exchanged worker-1');
  expect(missing).toMatchObject({ code: EXIT.usage, note: expect.stringContaining("required option '--with <text>'") });
  const declined = await autopilot('replace exchanged worker-1 --with worker-2', { ask: async () => false });
  expect(declined.note).toMatch(/^1 +worker-2 +join as a worker/m);
  expect(declined.note).toMatch(/^4 +worker-1 +remove its Node/m);
  expect(declined).toMatchObject({ code: EXIT.declined });
});

test('a failure: the sentence of the operation, exit code 1, and what a plan refuses 6', async () => {
  const cluster = world.scriptedCluster('weak');
  once(
    cluster,
    'renew-certificates',
    () =>
      ({
        exitCode: 1,
        stdout:
          'KUBEADM_AUTOPILOT_RESULT {"error":"failed","step":"restart etcd","message":"etcd did not come back"}\n',
        stderr: '12:00:01 [restart etcd] begins\n',
      }) as never,
  );
  const failed = await autopilot('renew weak --yes');
  expect(failed.code).toBe(EXIT.failed);
  expect(failed.out).toMatch(/NodeStepFailed: .*etcd did not come back/);
  const { out: logs } = await autopilot('logs cp-1 --cluster weak --limit 1');
  expect(logs).toMatch(/renew-certificates {2}Failed \(exit code 1\) {2}\S+\n {4}12:00:01 \[restart etcd\] begins\n/);
  // What the script answers to the state machine is of no interest to people.
  expect(logs).not.toContain('KUBEADM_AUTOPILOT_RESULT');

  await autopilot(['freeze', 'weak', '--reason', 'audit', '--yes']);
  const refused = await autopilot('plan renew weak');
  expect(refused.code).toBe(EXIT.no);
  expect(refused.out).toMatch(/✖ .*audit/);
  expect((await autopilot('unfreeze weak -y')).out).toBe('weak is no longer frozen through the API.');
});

test('preflight: what the machines lack, in a table, and exit code 6; nothing where they lack nothing', async () => {
  const cluster = world.scriptedCluster('bare', { controlPlanes: 1, bare: true, loadBalancer: false });
  const kubernetes = { version: '1.37.2', endpoint: 'api.bare.internal:6443', podSubnet: '10.244.0.0/16' };
  await world.ssm.send(
    new PutParameterCommand({
      Name: '/kubeadm-autopilot/clusters/bare',
      Value: JSON.stringify({ cluster: 'bare', kubernetes }),
      Type: 'String',
    }),
  );
  once(cluster, 'preflight', (answer) => done({ ...JSON.parse(answer().stdout.replace(/^\S+ /, '')), cpus: 1 }));
  const poor = await autopilot('preflight bare');
  expect(poor.code).toBe(EXIT.no);
  expect(poor.out).toMatch(/^refused +cp-1 +processors +1 +2 or more +Use a larger instance type\.$/m);
  expect(await autopilot('preflight bare')).toMatchObject({
    code: EXIT.done,
    out: 'The machines of bare have what Kubernetes needs.',
  });
});

test('watch attaches to the one that runs, outlives a lost connection, and stop ends it', async () => {
  const cluster = world.scriptedCluster('slow');
  expect((await autopilot('watch')).out).toBe('No operation runs.');
  let lost = 0;
  let stopped: ReturnType<typeof autopilot> | undefined;
  once(cluster, 'renew-certificates', async (answer) => {
    await world.despite(1, async () => {
      const { operations } = await api.call('listOperations', { query: { status: 'RUNNING' } });
      await (stopped = autopilot(['stop', operations[0]!.id, '--reason', 'test', '--yes']));
    });
    return answer();
  });
  const { id } = await api.call('startOperation', { parameters: { cluster: 'slow', operation: 'renew-certificates' } });
  const gone = new ApiClient({
    endpoint: 'http://127.0.0.1:9',
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const call = ((...asked: Parameters<ApiClient['call']>) =>
    asked[0] === 'followOperation' && (lost += 1) === 2
      ? gone.call(...asked)
      : api.call(...asked)) as ApiClient['call'];
  const watched = await autopilot('watch', { connect: async () => ({ call }) as ApiClient });
  expect(await stopped).toMatchObject({ code: EXIT.done, out: `${id} is stopped.` });
  expect(watched).toMatchObject({ code: EXIT.failed, note: expect.stringContaining('The connection is lost') });
  expect(watched.out).toContain('Stopped: Stopped by user/local: test');
});

describe('mistakes', () => {
  test.each<[string, number, RegExp]>([
    ['renw demo', EXIT.usage, /unknown command 'renw'\n\(Did you mean renew\?\)/],
    ['plan chek demo', EXIT.usage, /Did you mean check\?/],
    ['renew demo --forse', EXIT.usage, /unknown option '--forse'\n\(Did you mean --force\?\)/],
    ['renew', EXIT.usage, /missing required argument 'cluster'/],
    ['check demo --threshold-days soon', EXIT.usage, /Expected a number/],
    ['check demo --yes --threshold-days -1', EXIT.refused, /thresholdDays is -1, must be 0 or more days/],
    ['status prod', EXIT.refused, /there are bare, demo/],
    ['status dmeo', EXIT.refused, /Did you mean demo\?/],
    ['history dmeo', EXIT.refused, /Did you mean demo\?/],
    ['logs worker1', EXIT.refused, /No node of a cluster is called worker1\. Did you mean worker-1\?/],
    ['status DEMO', EXIT.refused, /^Not valid: cluster is "DEMO", must be .*--help says what it takes\.$/],
    ['upgrade demo 1.37 --yes', EXIT.refused, /^Not valid: version is "1\.37", must be a version such as "1\.37\.2"\./],
    ['history demo --limit 500', EXIT.refused, /^Not valid: limit is 500, must be 1 to 100\./],
    ['renew demo', EXIT.declined, /no terminal to ask on\. Add --yes\./],
    ['freeze demo --yes', EXIT.usage, /required option '-r, --reason <text>' not specified/],
    ['watch nothing', EXIT.refused, /There is no operation nothing/],
  ])('%s: %i', async (line, code, sentence) => {
    const said = await autopilot(line);
    expect(said).toMatchObject({ code, out: '', note: expect.stringMatching(sentence) });
  });

  test('with --json they are JSON', async () => {
    const { code, out } = await autopilot('status prod --json');
    expect(code).toBe(EXIT.refused);
    expect(JSON.parse(out)).toMatchObject({ error: 'UnknownCluster', whatToDo: expect.any(String) });
  });
});

test.each(OPERATIONS)('%s has a command, and one under plan, with all of its options', async (operation) => {
  for (const line of [[wordOf(operation)], ['plan', operation]]) {
    const { code, out } = await autopilot([...line, '--help']);
    expect(code).toBe(EXIT.done);
    expect(out).toContain('<cluster>');
    expect(out).toContain('--json');
  }
});

test.each<[string, number, string, object]>([
  ['nobody answers', EXIT.unreachable, 'Unreachable', { endpoint: 'http://127.0.0.1:9' }],
  [
    'the credentials may not',
    EXIT.forbidden,
    'Forbidden',
    { credentials: { accessKeyId: 'nobody', secretAccessKey: 'nobody' } },
  ],
])('%s: %i', async (_, code, error, other) => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const address = { endpoint: api.endpoint, region: 'eu-central-1', credentials, ...other };
  const said = await autopilot('clusters --json', { connect: async () => new ApiClient(address) });
  expect(said.code).toBe(code);
  expect(JSON.parse(said.out)).toMatchObject({ error, whatToDo: expect.any(String) });
});
