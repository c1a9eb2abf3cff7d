import { setTimeout as delay } from 'node:timers/promises';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { apiError, ROUTE_NAMES, ROUTES, type ApiError } from '../../../../lambdas/contracts/api/routes';
import { ApiClient } from '../../../../cli/api/client';
import { EXIT } from '../../../../cli/exit';
import { once } from '../../../operations/helpers/scripted';
import { DAY, World } from '../../../operations/helpers/world';
import fc from '../../../helpers/property';
import { apiOf, OWNER } from '../../../helpers/api';

let world: World;
let api: ApiClient;

/** Roles whose holders may ask for some routes only. */
const ROLES = {
  Viewer: ['GET/*'],
  DevOnly: ['POST/clusters/dev/operations/check-certificates', 'GET/clusters/dev'],
};

beforeAll(async () => {
  world = await World.startScripted((template) => {
    for (const [name, routes] of Object.entries(ROLES)) {
      template.Resources[name] = {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: name,
          AssumeRolePolicyDocument: {
            Statement: [{ Effect: 'Allow', Principal: { AWS: '000000000000' }, Action: 'sts:AssumeRole' }],
          },
          Policies: [
            {
              PolicyName: 'api',
              PolicyDocument: {
                Statement: routes.map((route) => ({
                  Effect: 'Allow',
                  Action: 'execute-api:Invoke',
                  Resource: { 'Fn::Sub': `arn:aws:execute-api:\${AWS::Region}:\${AWS::AccountId}:*/$default/${route}` },
                })),
              },
            },
          ],
        },
      };
    }
  });
  api = await apiOf(world);
});
afterAll(() => world.stop());

const as = async (role: keyof typeof ROLES) =>
  apiOf(world, world.aws.assumeRole(`arn:aws:iam::000000000000:role/${role}`, 'ada'));
const refused = (exitCode: number, error: string) => expect.objectContaining({ exitCode, error });

test('a check: planned, started once for one key, followed to its end, listed, its report told', async () => {
  world.scriptedCluster('demo', { controlPlanes: 3, workers: 1, leafSeconds: 200 * DAY });
  const of = { parameters: { cluster: 'demo', operation: 'check-certificates' as const } };

  const plan = await api.call('planOperation', of);
  expect(plan).toMatchObject({ started: true, id: expect.stringMatching(/^check-certificates-demo-[0-9a-f]{20}$/) });
  await world.passUntil(async () => (await api.call('describeOperation', { parameters: plan })).status !== 'RUNNING');
  expect(await api.call('describeOperation', { parameters: plan })).toMatchObject({
    status: 'SUCCEEDED',
    planOnly: true,
    output: { cluster: 'demo', nodes: [{ name: 'cp-1' }, { name: 'cp-2' }, { name: 'cp-3' }] },
  });
  await expect(api.call('describeCertificates', { parameters: { cluster: 'demo' } })).rejects.toEqual(
    refused(EXIT.refused, 'NotFound'),
  );

  const asked = { ...of, body: { renew: false, thresholdDays: 10 }, idempotencyKey: 'twice' };
  const started = await api.call('startOperation', asked);
  // While it runs, Step Functions itself answers the same start with the same execution.
  expect((await api.call('startOperation', asked)).id).toBe(started.id);
  await expect(api.call('startOperation', { ...asked, body: { renew: true } })).rejects.toThrow('other options');
  await world.passUntil(
    async () => (await api.call('describeOperation', { parameters: started })).status !== 'RUNNING',
  );

  expect(await api.call('startOperation', asked)).toEqual({ id: started.id, started: false, status: 'SUCCEEDED' });
  expect(await api.call('describeOperation', { parameters: started })).toMatchObject({
    operation: 'check-certificates',
    cluster: 'demo',
    status: 'SUCCEEDED',
    requester: { source: 'api', who: OWNER },
    input: { cluster: 'demo', renew: false, thresholdDays: 10 },
    current: [],
    output: { nodesChecked: 3, next: 'none' },
  });
  const { steps } = await api.call('followOperation', { parameters: started });
  expect(steps.map(({ name }) => name)).toEqual([
    'Find the nodes',
    'Check certificates on the nodes',
    'Assess certificates',
  ]);
  expect(steps[1]).toMatchObject({
    state: 'succeeded',
    nodeStep: 'check-certificates',
    commandId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/),
    nodes: ['cp-1', 'cp-2', 'cp-3'].map((name) => ({ name, state: 'succeeded' })),
    endedAt: expect.any(String),
  });
  expect(await api.call('describeCertificates', { parameters: { cluster: 'demo' } })).toMatchObject({
    certificatesChecked: expect.any(Number),
    findings: [],
  });

  const byHand = await world.runWell('check-certificates', { cluster: 'demo', planOnly: true }, 'by-hand');
  const { operations, complete } = await api.call('listOperations', { query: { cluster: 'demo' } });
  expect(complete).toBe(true);
  expect(operations.map(({ id }) => id)).toEqual([`check-certificates.${byHand.name}`, started.id, plan.id]);
  expect(operations[0]).toMatchObject({ requester: { source: 'unknown' } });
  expect(await api.call('describeOperation', { parameters: operations[0] })).toMatchObject({ status: 'SUCCEEDED' });
});

test('a renewal that runs is seen in the status, with the node that it is at, and can be stopped with a reason', async () => {
  const cluster = world.scriptedCluster('busy');
  let stopped: unknown;
  let seen: unknown;
  once(cluster, 'renew-certificates', async (answer) => {
    await world.despite(1, async () => {
      const [status, { operations }] = await Promise.all([
        api.call('describeCluster', { parameters: { cluster: 'busy' } }),
        api.call('listOperations', { query: { status: 'RUNNING' } }),
      ]);
      const [running] = operations;
      seen = {
        lock: status.lock?.id === running?.id && status.running[0]?.id === running?.id,
        progress: await api.call('followOperation', { parameters: running! }),
        details: await api.call('describeOperation', { parameters: running! }),
      };
      stopped = await api.call('stopOperation', { parameters: running!, body: { reason: 'wrong cluster' } });
    });
    return answer();
  });
  const { id } = await api.call('startOperation', {
    parameters: { cluster: 'busy', operation: 'renew-certificates' },
  });
  await world.passUntil(() => stopped !== undefined);
  expect(seen).toMatchObject({
    lock: true,
    details: { current: ['Renew certificates on the node'] },
    progress: {
      plan: { decision: 'act', steps: [{ name: 'cp-1' }] },
      steps: expect.arrayContaining([
        expect.objectContaining({
          nodeStep: 'renew-certificates',
          state: 'running',
          nodes: [{ name: 'cp-1', state: 'running' }],
        }),
      ]),
    },
  });
  expect(stopped).toMatchObject({ id, status: 'ABORTED', cause: 'Stopped by user/local: wrong cluster' });
  const after = await api.call('followOperation', { parameters: { id } });
  expect(after.steps.at(-1)).toMatchObject({ state: 'stopped', endedAt: expect.any(String) });
  await expect(api.call('stopOperation', { parameters: { id }, body: { reason: 'again' } })).rejects.toEqual(
    refused(EXIT.refused, 'NotRunning'),
  );
});

test('a freeze: who and why are kept, a renewal refuses because of it, and goes on once it is over', async () => {
  world.scriptedCluster('frosty');
  const of = { parameters: { cluster: 'frosty' } };
  const froze = await api.call('freezeCluster', { ...of, body: { reason: 'release week' } });
  expect(froze).toMatchObject({ changed: true, freezes: [{ by: 'api', reason: 'release week', who: OWNER }] });
  expect((await api.call('freezeCluster', { ...of, body: { reason: 'release week' } })).changed).toBe(false);
  const { clusters } = await api.call('listClusters');
  expect(clusters.find(({ cluster }) => cluster === 'frosty')).toMatchObject({
    controlPlanes: 1,
    freezes: froze.freezes,
  });

  const ended = await world.run('renew-certificates', { cluster: 'frosty' });
  expect(ended).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
  expect(ended.cause).toContain('release week (frozen by user/local)');

  expect(await api.call('unfreezeCluster', of)).toEqual({ cluster: 'frosty', changed: true, freezes: [] });
  expect((await api.call('unfreezeCluster', of)).changed).toBe(false);
  await world.runWell('renew-certificates', { cluster: 'frosty' });
});

test('the doctor finds a cluster ready, or says what to do', async () => {
  world.scriptedCluster('well', { controlPlanes: 3 });
  expect(await api.call('examineCluster', { parameters: { cluster: 'well' } })).toMatchObject({
    ready: true,
    diagnoses: [
      { name: 'tags', outcome: 'passed', reason: '3 instances: 3 control planes, 0 workers.' },
      { name: 'agents', outcome: 'passed' },
      { name: 'agent versions', outcome: 'passed' },
      { name: 'instance profiles', outcome: 'passed', reason: 'Every instance has one: kubeadm-node.' },
      { name: 'versions', outcome: 'warning', reason: 'No check has looked at the cluster yet.' },
      { name: 'target groups', outcome: 'passed' },
      { name: 'auto scaling', outcome: 'passed', reason: 'No control plane is in an Auto Scaling group.' },
      { name: 'settings', outcome: 'warning' },
      { name: 'freeze', outcome: 'passed' },
    ],
  });
  world.scriptedCluster('old', { agentVersion: '3.3.987.0', tags: { 'kubeadm-autopilot:frozen': 'audit' } });
  const { ready, diagnoses } = await api.call('examineCluster', { parameters: { cluster: 'old' } });
  expect(ready).toBe(false);
  expect(diagnoses).toContainEqual(
    expect.objectContaining({
      name: 'agent versions',
      outcome: 'failed',
      reason: expect.stringContaining('3.3.987.0'),
    }),
  );
  expect(diagnoses).toContainEqual(
    expect.objectContaining({ name: 'freeze', reason: expect.stringContaining('audit') }),
  );
});

interface Published {
  MetricName: string;
  Value: number;
  Dimensions: { Value: string }[];
}

test('versions: as the last check found them, in the status and for the doctor', async () => {
  const cluster = world.scriptedCluster('skewed', { controlPlanes: 3, workers: 2, leafSeconds: 200 * DAY });
  const ask = async () => {
    await world.runWell('check-certificates', { cluster: 'skewed' });
    const { versions } = await api.call('describeCluster', { parameters: { cluster: 'skewed' } });
    const { ready, diagnoses } = await api.call('examineCluster', { parameters: { cluster: 'skewed' } });
    return { versions, ready, versionsDiagnosis: diagnoses.find(({ name }) => name === 'versions') };
  };
  const version = cluster.nodes[0]!.versions.kubelet;
  expect(await ask()).toMatchObject({
    versions: {
      apiServers: ['cp-1', 'cp-2', 'cp-3'].map((node) => ({ node, version })),
      kubelets: [{ version, nodes: 5 }],
      asOf: expect.stringMatching(/^\d{4}-/),
    },
    ready: true,
    versionsDiagnosis: {
      outcome: 'passed',
      reason: expect.stringMatching(/^API servers \S+; kubelets \S+ on 5 nodes/),
    },
  });
  cluster.nodes[4]!.versions.kubelet = '1.30.1';
  expect(await ask()).toMatchObject({
    ready: false,
    versionsDiagnosis: { outcome: 'failed', reason: expect.stringContaining('the kubelet 1.30.1 of worker-2 is more') },
  });
  for (const node of cluster.nodes) {
    node.versions.kubelet = '1.31.2';
    if (node.versions.staticPods) node.versions.staticPods = '1.31.2';
  }
  expect(await ask()).toMatchObject({
    ready: true,
    versionsDiagnosis: { outcome: 'warning', reason: expect.stringContaining('upgrade knows the targets 1.34 to ') },
  });
  const published = world.calls
    .flatMap(({ action, input }) => (action === 'PutMetricData' ? (input['MetricData'] as Published[]) : []))
    .filter(({ Dimensions: [dimension] }) => dimension?.Value === 'skewed');
  expect(published.findLast(({ MetricName }) => MetricName === 'ApiServerMinor')).toMatchObject({ Value: 31 });
  expect(published.filter(({ MetricName }) => MetricName === 'KubeletMinorsBehind').map(({ Value }) => Value)).toEqual([
    0,
    Number(version.split('.')[1]) - 30,
    0,
  ]);
});

test.each([
  [
    'neither',
    false,
    [false, true],
    'warning',
    /may end control planes, also the last one: cp-1 in masters without scale-in protection/,
  ],
  ['protection of each', false, [true, true], 'passed', /masters \(protected from scale-in\)/],
  ['a policy that retains', true, [false, false], 'passed', /masters \(retains instances\)/],
])(
  'the doctor asks what keeps Auto Scaling from ending control planes: %s',
  async (_what, retains, isProtected, outcome, reason) => {
    const cluster = world.scriptedCluster(`scaled-${outcome}-${retains}`, {
      controlPlanes: 2,
      tags: { 'aws:autoscaling:groupName': 'masters' },
    });
    const instances = cluster.nodes.map(({ instanceId }, index) => ({ instanceId, isProtected: isProtected[index]! }));
    const groups = world.aws.autoScalingGroups();
    groups.splice(0, groups.length, { name: 'masters', retains, instances });
    const { ready, diagnoses } = await api.call('examineCluster', { parameters: { cluster: cluster.name } });
    expect(diagnoses).toContainEqual(
      expect.objectContaining({ name: 'auto scaling', outcome, reason: expect.stringMatching(reason) }),
    );
    expect(ready).toBe(true);
  },
);

test('the last scripts of a node, by its name, and where their logs are', async () => {
  const told = await api.call('describeNodeCommands', { parameters: { node: 'cp-1' }, query: { cluster: 'frosty' } });
  expect(told).toMatchObject({ cluster: 'frosty', node: 'cp-1', logFolder: '/var/lib/kubeadm-autopilot/logs' });
  expect(told.commands[0]).toMatchObject({ status: 'Success', exitCode: 0, output: expect.stringContaining('RESULT') });
  await expect(api.call('describeNodeCommands', { parameters: { node: 'cp-1' } })).rejects.toEqual(
    refused(EXIT.refused, 'Ambiguous'),
  );
});

describe('IAM decides', () => {
  test('a viewer looks and starts nothing; who asks is the session of the role', async () => {
    const viewer = await as('Viewer');
    expect((await viewer.call('listClusters')).clusters).not.toEqual([]);
    const freeze = viewer.call('freezeCluster', { parameters: { cluster: 'well' }, body: { reason: 'x' } });
    await expect(freeze).rejects.toEqual(refused(EXIT.forbidden, 'Forbidden'));
  });

  test('a role for one operation of one cluster does it there alone', async () => {
    world.scriptedCluster('dev');
    const dev = await as('DevOnly');
    const check = (cluster: string) =>
      dev.call('startOperation', { parameters: { cluster, operation: 'check-certificates' } });
    const { id } = await check('dev');
    await world.passUntil(
      async () => (await api.call('describeOperation', { parameters: { id } })).status !== 'RUNNING',
    );
    expect((await api.call('describeOperation', { parameters: { id } })).requester).toEqual({
      source: 'api',
      who: 'arn:aws:sts::000000000000:assumed-role/DevOnly/ada',
    });
    await expect(check('well')).rejects.toEqual(refused(EXIT.forbidden, 'Forbidden'));
    // The path that IAM saw is the path that counts.
    const twisted = await fetch(`${api.endpoint}/clusters/dev/../well/operations/check-certificates`, {
      method: 'POST',
    });
    expect(twisted.status).toBe(403);
  });

  test('a wrong secret, another service, no signature: all the same answer', async () => {
    for (const wrong of [
      new ApiClient({
        endpoint: api.endpoint,
        region: 'eu-central-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'guess' },
      }),
      new ApiClient({
        endpoint: api.endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      }),
      new ApiClient({
        endpoint: api.endpoint,
        region: 'eu-central-1',
        credentials: { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' },
      }),
    ])
      await expect(wrong.call('listClusters')).rejects.toEqual(refused(EXIT.forbidden, 'Forbidden'));
    const unsigned = await fetch(`${api.endpoint}/clusters`);
    expect([unsigned.status, await unsigned.json()]).toEqual([403, { message: 'Forbidden' }]);
  });
});

test.each<[string, Parameters<ApiClient['call']>, ApiError]>([
  [
    'an unknown cluster',
    ['describeCluster', { parameters: { cluster: 'prod' } }],
    { error: 'UnknownCluster', message: expect.stringContaining('there are busy, demo'), whatToDo: expect.any(String) },
  ],
  [
    'an option of another operation',
    ['startOperation', { parameters: { cluster: 'demo', operation: 'renew-certificates' }, body: { renew: true } }],
    { error: 'InvalidInput', message: expect.stringContaining('"renew" is a field of check-certificates') },
  ],
  [
    'an operation that does not exist',
    ['startOperation', { parameters: { cluster: 'demo', operation: 'reboot' as never } }],
    { error: 'InvalidInput', message: expect.stringContaining('operation is "reboot"'), whatToDo: expect.any(String) },
  ],
  [
    'no reason',
    ['freezeCluster', { parameters: { cluster: 'demo' }, body: {} }],
    { error: 'InvalidInput', message: expect.stringContaining('reason is missing'), whatToDo: expect.any(String) },
  ],
  [
    'an operation that nobody started',
    ['describeOperation', { parameters: { id: 'renew-certificates-demo-00000000000000000000' } }],
    { error: 'NotFound', message: expect.stringContaining('no operation'), whatToDo: expect.any(String) },
  ],
])('%s is refused in one sentence', async (_name, [route, asked], { error, message }) => {
  await expect(api.send(route, asked)).rejects.toMatchObject({
    exitCode: EXIT.refused,
    error,
    message,
    whatToDo: expect.stringMatching(/\.$/),
  });
});

test('whatever is asked, the answer is what the contract says, or a refusal in its form', async () => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const signer = new SignatureV4({
    credentials,
    region: 'eu-central-1',
    service: 'execute-api',
    sha256: Hash.bind(null, 'sha256'),
  });
  const names = [
    'demo',
    'well',
    'prod',
    'cp-1',
    'check-certificates',
    'renew-certificates',
    'RUNNING',
    '..',
    '0',
    '-1',
  ];
  const text = fc.oneof(fc.constantFrom(...names), fc.string({ unit: 'grapheme', maxLength: 40 }));
  const request = fc.record({
    name: fc.constantFrom(...ROUTE_NAMES),
    values: fc.tuple(text, text),
    query: fc.dictionary(fc.constantFrom('cluster', 'operation', 'status', 'limit', 'other'), text, { maxKeys: 3 }),
    body: fc.option(
      fc.oneof(
        fc.json(),
        text,
        fc.record({ reason: text }).map((body) => JSON.stringify(body)),
      ),
    ),
    key: fc.option(text.map(encodeURIComponent)),
  });
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(request, async ({ name, values: [first, second], query, body, key }) => {
      const { method, path, answer } = ROUTES[name];
      const filled = path.replace(/\{\w+\}/, encodeURIComponent(first)).replace(/\{\w+\}/, encodeURIComponent(second));
      const url = new URL(filled, api.endpoint);
      for (const [field, value] of Object.entries(query)) url.searchParams.set(field, value);
      const content = method === 'POST' && body !== null ? { body } : {};
      const headers = { host: url.host, ...(key !== null && { 'idempotency-key': key }) };
      const signed = await signer.sign({
        ...{ method, protocol: 'http:', hostname: url.hostname, path: url.pathname, headers, ...content },
        query: Object.fromEntries(url.searchParams),
      });
      const { host: _, ...sent } = signed.headers;
      let response = await fetch(url, { method, headers: sent, ...content });
      // API Gateway's own limit: a moment later there is room again.
      while (response.status === 429) {
        await delay(100);
        response = await fetch(url, { method, headers: sent, ...content });
      }
      const told: unknown = await response.json();
      seen.add(response.status);
      if (response.ok) expect(answer.safeParse(told).error).toBeUndefined();
      else {
        expect([400, 404, 409, 413]).toContain(response.status);
        // What no route of API Gateway is for never reaches the function.
        if (JSON.stringify(told) !== '{"message":"Not Found"}')
          expect(apiError.required().safeParse(told).error).toBeUndefined();
      }
    }),
    { numRuns: 80 },
  );
  expect(seen).toContain(400);
});
