import type { RequestedApproval } from '../../lambdas/contracts/approval';
import { startOperationInput } from '../../lambdas/contracts/operation';
import { checkCommandInput, readCommandInput } from '../../lambdas/contracts/run-on-nodes';
import { renewalAnswer } from '../../lambdas/contracts/renewal';
import { evaluate, evaluateExpression } from '../helpers/evaluate-jsonata';
import { EXECUTION, named, sampleFound, sampleRequest, sampleResults, sampleWorkers } from '../helpers/samples';
import type { State } from '../helpers/state-machine';
import { definitions, expressionsIn, statesOf } from '../helpers/state-machine';

/** Clusters with one control plane are where JSONata turns a list into an object, and those with none where it turns it into nothing. */
const COUNTS = [0, 1, 3];
const ASKS_ONE =
  /^(Wait until|Go on waiting|Let nodes join|Put a pod|Drain the node|Go on draining|Let the cluster forget|Reset the machine|Make a request for etcd|Sign it)/;
const ETCD_CLIENT = { request: 'YQ==', certificate: 'YQ==', ca: 'YQ==' };
const ENTERED = '2026-11-23T03:10:00.000Z';
const STATE_MACHINE = {
  Id: 'arn:aws:states:eu-central-1:000000000000:stateMachine:kubeadm-autopilot-run-on-nodes',
};
const context = {
  Execution: EXECUTION,
  StateMachine: STATE_MACHINE,
  State: { EnteredTime: ENTERED },
  Task: { Token: 'AQB4+token=' },
};
const PLAN = {
  operation: 'renew-certificates',
  cluster: 'demo',
  kind: 'repair',
  decision: 'act',
  summary: 'Renews cp1.',
  steps: [],
  etcd: named(1),
  gates: [],
  predictedSeconds: 0,
  digest: 'd',
};
const REPORT = {
  cluster: 'demo',
  next: 'renew',
  subject: 'demo',
  text: 'Certificates run out.',
  renewedNodes: [],
  summary: 's',
  because: 'b',
  notify: true,
};

const APPROVAL: RequestedApproval = {
  given: { state: 'waiting', requester: { source: 'api', person: 'alice' }, digest: 'd', approvers: [] },
  ...{ id: 'renew-1', deadline: '2026-11-24T03:00:00.000Z', needed: 1, isNew: true, subject: 's', text: 't' },
};

const LOCK = { cluster: 'demo', holder: EXECUTION.Id, since: EXECUTION.StartTime };
const turnsOf = (count: number) =>
  named(count).map((node) => ({ ...node, nodeName: node.name, command: 'node', done: 'nothing' }));
const HOP = {
  version: '1.37.2',
  kubeadm: { ignoreErrors: 'none', renewCertificates: 'yes', skipPhases: 'none', kubeletServer: 'own' },
  kubeletsLast: false,
};
/** What an upgrade is made of, for this many control planes and as many workers. */
const upgradeSamples = (count: number) => {
  const [one] = turnsOf(1);
  const settings = sampleFound(count).config.upgrade;
  const group = { group: 'workers', maxUnavailable: 1, nodes: turnsOf(count) };
  const outcomes = turnsOf(count).map(({ name }) => ({ node: name, outcome: 'upgraded', seconds: {} }));
  return {
    work: { lock: LOCK, settings, hop: HOP, turn: one, on: one, group: EXECUTION.Id },
    ...{ seconds: {}, givenUp: '', patience: 0, stopFor: '', stopMinorFor: '', held: LOCK, agreed: 'd' },
    drain: { drained: false, blockedBy: count > 0 ? [{ pod: 'shop/cart', reason: 'r' }] : [] },
    back: { ready: false },
    turns: [{ node: 'cp1', outcome: 'failed', seconds: {}, error: 'NodeStepFailed', cause: 'c' }, ...outcomes],
    hop: {
      ...HOP,
      raiseEtcd: { imageTag: '3.6.12-0', nodes: turnsOf(count) },
      controlPlanes: turnsOf(count),
      workers: count > 0 ? [group] : [],
    },
    ...{ controlPlanes: outcomes, groups: [], minors: [], minorFacts: sampleResults(count), minorSince: ENTERED },
    assessed: { next: 'wait', waitSeconds: 5 },
  };
};
/** What a creation is made of. */
const createSamples = (count: number) => ({
  secrets: { name: '/kubeadm-autopilot/secrets/demo/t-1', certificateKey: '/kubeadm-autopilot/secrets/demo/k-1' },
  ...{ etcdRequest: 'YQ==', etcdCertificate: 'YQ==', etcdCa: 'YQ==', etcdClient: named(1)[0] },
  ...{ caHash: 'f'.repeat(64), joining: named(1)[0], joiningTurn: { left: [], next: 'wait', waitSeconds: 5 } },
  ...{ ready: { nodes: count, notReady: named(count).map(({ name }) => name) }, looks: 1 },
  ...{ probePods: 'cp1=10.244.0.2', notReached: { Error: 'NodeStepFailed', Cause: 'c' } },
});
const CREATE_PLAN = {
  ...{
    version: '1.37.2',
    first: named(1)[0],
    init: named(1),
    ...{ etcd: named(1), toPrepare: named(2) },
    nodes: 2,
    waitFor: 'all',
    cni: { url: 'none', sha256: 'none' },
  },
  prepare: {
    packages: 'https://pkgs.k8s.io/core:/stable:/',
    cgroupDriver: 'systemd',
    swap: 'keep',
    runtime: 'cri-o',
    runtimePackages: 'https://mirror.test/',
  },
  configuration: {
    ...{ init: 'YQ==', controlPlane: 'YQ==', worker: 'YQ==', etcd: 'YQ==', etcdKubelet: 'YQ==' },
    ...{ controlPlanePatches: 'etcd.yaml:YQ==', workerPatches: 'none' },
  },
};
/** What a removal is made of. */
const removeSamples = (count: number) => ({
  ...{ machine: sampleResults(count), warnings: [], deregistered: { groups: named(count).map(({ name }) => name) } },
  ...{ forgotten: { node: 'cp1', etcdMembers: count, etcdReason: 'cp2 is not healthy' }, lookedIn: 0 },
  lookedUnevaluated: { Error: 'States.QueryEvaluationError', Cause: 'no such variable' },
});
const REMOVAL_PLAN = {
  ...{ target: turnsOf(1)[0], on: named(1)[0], leaveEtcd: 'yes', member: '1a', whenDone: 'cp1 was removed.' },
  drain: { drainMinutes: 10, stuckDrain: 'stop', forceAtOnce: true },
  ...{ parts: { drain: true, reset: true }, notReady: 0, unhealthyMembers: 0 },
};
/** What uncordon-nodes and upgrade-workers call their request. */
const requestSamples = (count: number) => ({
  ...{ operation: 'upgrade', input: { cluster: 'demo' }, lock: LOCK, hop: HOP, keep: 5 },
  settings: sampleFound(count).config.upgrade,
  group: { group: 'workers', maxUnavailable: 1, nodes: turnsOf(count) },
  controlPlanes: named(count || 1),
});
/** What a reconfiguration is made of. */
const reconfigureSamples = (count: number) => ({
  ...{ configurations: sampleResults(count), changedNodes: named(count).map(({ name }) => name), changed: true },
});
const RECONFIGURATION_PLAN = {
  canary: named(1),
  parameters: {
    ...{ clusterConfiguration: 'YQ==', kubeletConfiguration: 'YQ==', kubeletArguments: 'none' },
    ...{ controlPlanePatches: 'none', workerPatches: 'none' },
  },
};
const CLUSTER_FACTS = { nodes: [{ kubelet: '1.36.3', ready: true, fresh: true, cordoned: 'us', names: ['worker1'] }] };

const all = definitions();
const states = Object.fromEntries(Object.entries(all).map(([name, definition]) => [name, statesOf(definition)]));
const state = (machine: string, name: string) => states[machine]![name] as State & Record<string, never>;

describe('every expression yields a value', () => {
  const variables = (count: number): Record<string, unknown> => ({
    ...upgradeSamples(count),
    ...createSamples(count),
    ...removeSamples(count),
    ...reconfigureSamples(count),
    request: { ...sampleRequest(count || 1, true), ...requestSamples(count) },
    online: named(count || 1),
    offline: named(count),
    deadline: Date.parse(ENTERED) + 1000,
    commandId: 'command',
    sends: 1,
    reads: 1,
    asked: 0,
    isForeign: false,
    failed: { Error: 'NodeStepFailed', Cause: '{}' },
    sendError: { Error: 'Ssm.SsmException' },
    found: {
      ...sampleFound(count, {}, { workers: sampleWorkers(count) }),
      options: { ...sampleFound(count).options, version: '1.37.2', skipNodes: [], node: 'cp1', with: 'cp4' },
    },
    inventories: sampleResults(count),
    report: { ...REPORT, outcome: 'upgraded', renewedNodes: named(count).map(({ name }) => name) },
    before: sampleResults(count),
    after: sampleResults(count),
    // One control plane at least can tell how the cluster is.
    facts: sampleResults(count || 1).map((one) => ({ ...one, result: { ...one.result, cluster: CLUSTER_FACTS } })),
    node: { ...turnsOf(1)[0], why: 'leader last', only: 'nothing', staticPods: true, kubelet: true },
    checkedIn: 0,
    turn: { left: [], next: 'wait', waitSeconds: 5, said: 'cp1 left api' },
    loadBalancer: named(count).map(({ name }) => ({ node: name, said: `${name} left api` })),
    checkedUnevaluated: { Error: 'States.QueryEvaluationError', Cause: 'no such variable' },
    plan: {
      ...{ ...PLAN, steps: named(count), etcdOn: named(1)[0], from: '1.36.3', target: '1.37.2', atOnce: 1 },
      hops: [{ ...HOP, raiseEtcd: { imageTag: '3.6.12-0', nodes: [] } }],
      snapshot: { etcdOn: named(1)[0], nodes: named(count || 1) },
      window: { opensAt: ENTERED, stopAt: ENTERED },
      ...CREATE_PLAN,
      ...REMOVAL_PLAN,
      ...{ node: 'i-1', with: 'i-4' },
      ...RECONFIGURATION_PLAN,
      waves: count > 0 ? [{ workers: turnsOf(count).map((turn) => ({ turn, on: turn })) }] : [],
    },
    ...{ removalPlan: REMOVAL_PLAN, joinPlan: CREATE_PLAN },
    followed: { progress: { index: 0, attempt: 1 }, next: 'look', waitSeconds: 30, said: 'cp1 joins.' },
    approval: APPROVAL.given,
    approvalAsked: APPROVAL,
    plannedIn: EXECUTION.RedriveCount,
    plannedUnevaluated: { Error: 'States.QueryEvaluationError', Cause: 'no such variable' },
    repair: null,
    answers: [],
    ownAnswer: [],
    secret: { name: '/kubeadm-autopilot/secrets/demo/bootstrap-token-1' },
    workerKubelets: [],
    tokenSince: ENTERED,
    controlPlaneKubelets: { asked: count, changed: 0, failed: 0, failures: [] },
    // As upgrade-workers keeps it, too.
    failure: { Error: 'States.Runtime', node: 'cp1', error: 'NodeStepFailed', cause: '' },
    preparedSnapshot: { secret: '/kubeadm-autopilot/secrets/demo/upload-1', bucket: 'bucket', objects: named(count) },
    uploadsIn: EXECUTION.RedriveCount,
    uploadsUnevaluated: { Error: 'States.QueryEvaluationError', Cause: 'no such variable' },
    saved: sampleResults(count),
    snapshot: { bucket: 'bucket', objects: named(count).map((node) => ({ ...node, key: 'k' })), summary: 's' },
  });
  /** What the state's own task, or the whole state machine, gives it. */
  const given = (name: string, count: number): Record<string, unknown> => ({
    context,
    input:
      name === 'Check the nodes and the lock'
        ? sampleRequest(count || 1)
        : name === 'One wave after the other: some at once'
          ? { workers: turnsOf(count).map((turn) => ({ turn, on: turn })) }
          : name === 'Fetch packages and images' || name.endsWith(': fifty at a time')
            ? named(count || 1)
            : {
                ...requestSamples(count),
                error: 'GateRefused',
                cause: 'etcd',
                ...{ turn: turnsOf(1)[0], on: named(1)[0] },
                nodes: named(count || 1),
                ...named(1)[0],
              },
    errorOutput: { Error: 'States.HeartbeatTimeout', Cause: '{"errorMessage":"said"}' },
    result: name.startsWith('Do ')
      ? [{ cluster: 'demo' }]
      : {
          Commands: named(count).map(() => ({ Comment: EXECUTION.Name, CommandId: 'command' })),
          // The spokesman of a repair, and who drains a node, is one node, and always answers.
          ExecutionArn: 'arn:aws:states:eu-central-1:123456789012:execution:kubeadm-autopilot-run-on-nodes:1',
          Output: {
            commandId: 'command',
            ...{ plan: PLAN, warnings: [] },
            nodes: sampleResults(ASKS_ONE.test(name) ? count || 1 : count).map((one) => ({
              ...one,
              result: { ...one.result, caHash: 'f'.repeat(64), pods: 'cp1=10.244.0.2', ...ETCD_CLIENT },
            })),
          },
          Payload: { ...APPROVAL, nodes: sampleResults(count), online: named(count), offline: [] },
          commandId: 'command',
          ...{ Status: 'RUNNING', Input: JSON.stringify({ cluster: 'demo' }) },
        },
  });

  const cases = Object.entries(states).flatMap(([machine, byName]) =>
    Object.entries(byName).flatMap(([name, { Branches: _branches, ItemProcessor: _processor, ...own }]) =>
      expressionsIn(own).map(({ where, expression }) => [machine, name, where, expression] as const),
    ),
  );

  test.each(cases)('%s: %s: %s', async (_machine, name, _where, expression) => {
    for (const count of COUNTS) {
      await expect(
        evaluateExpression(expression, { states: given(name, count), ...variables(count) }),
      ).resolves.toBeDefined();
    }
  });
});

describe('run-on-nodes', () => {
  const run = (name: string, field: string, bindings: Record<string, unknown>) =>
    evaluate(state('run-on-nodes', name)[field], bindings) as Promise<Record<string, unknown>>;

  test.each([1, 3])('the nodes are checked, and those of %i that answer are kept', async (count) => {
    const nodes = named(count);
    const assigned = await run('Check the nodes and the lock', 'Assign', {
      states: {
        context,
        input: sampleRequest(count),
        result: { Payload: { online: nodes.slice(1), offline: [nodes[0]] } },
      },
    });
    expect(assigned).toMatchObject({ online: nodes.slice(1), offline: [nodes[0]], request: sampleRequest(count) });
    expect(assigned.deadline).toBe(Date.parse(ENTERED) + (120 + 240 + 120) * 1000);
  });

  test.each([
    [{}, {}],
    [{ Inventory: 'no' }, { Inventory: ['no'] }],
    [
      { Force: 'yes', AdminKubeconfigs: '/a,/b' },
      { Force: ['yes'], AdminKubeconfigs: ['/a,/b'] },
    ],
  ])('parameters %j are sent as lists, with the task token', async (parameters, expected) => {
    const sent = await run('Send the command', 'Arguments', {
      states: { context },
      request: { ...sampleRequest(1), parameters },
      online: named(1),
      asked: 0,
    });
    expect(sent).toMatchObject({
      InstanceIds: [named(1)[0]!.instanceId],
      Comment: 'renew-1',
      TimeoutSeconds: 120,
      Parameters: { ...expected, TaskToken: ['AQB4+token='] },
    });
  });

  test.each([
    ['kubeadm-autopilot-inspect-control-plane', false],
    ['kubeadm-autopilot-renew-certificates', true],
    ['kubeadm-autopilot-unknown', true],
    ['arn:aws:ssm:eu-central-1:000000000000:document/kubeadm-autopilot-inspect-control-plane', true],
  ])('%s changes nodes: %s, whatever the caller says', async (document, changesNodes) => {
    for (const name of ['Check the nodes and the lock', 'Check the nodes and the lock again']) {
      const request = { ...sampleRequest(1, changesNodes), document, changesNodes: !changesNodes };
      const { Payload } = await run(name, 'Arguments', { states: { context, input: request }, request });
      expect(Payload).toMatchObject({ document, changesNodes, nodes: named(1) });
      expect(checkCommandInput.parse(Payload)).toMatchObject(changesNodes ? { lock: LOCK } : { lock: null });
    }
  });

  test('after a redrive nothing is sent before SSM was asked', async () => {
    const redriven = { context: { ...context, Execution: { ...EXECUTION, RedriveCount: 1 } } };
    const bindings = { states: redriven, request: sampleRequest(1), online: named(1) };
    await expect(run('Send the command', 'Arguments', { ...bindings, asked: 0 })).rejects.toMatchObject({
      message: expect.stringMatching('Redriven'),
    });
    await expect(run('Send the command', 'Arguments', { ...bindings, asked: 1 })).resolves.toMatchObject({
      Comment: 'renew-1',
    });
  });

  test.each([
    [[], ''],
    [[{ Comment: 'renew-2', CommandId: 'b' }], ''],
    [[{ CommandId: 'no comment' }], ''],
    [[{ Comment: 'renew-1', CommandId: 'a' }], 'a'],
    [
      [
        { Comment: 'renew-2', CommandId: 'b' },
        { Comment: 'renew-1', CommandId: 'a' },
      ],
      'a',
    ],
  ])('among %j it finds the command "%s"', async (Commands, commandId) => {
    const assigned = await run('Find the command', 'Assign', {
      states: { context, result: { Commands } },
      request: sampleRequest(1),
    });
    expect(assigned).toMatchObject({ commandId, asked: 0 });
  });

  test('commands are looked for from a minute before the execution began', async () => {
    const asked = await run('Find the command', 'Arguments', {
      states: { context },
      request: sampleRequest(1),
      online: named(2),
    });
    expect(asked).toEqual({
      InstanceId: named(1)[0]!.instanceId,
      MaxResults: 50,
      Filters: [
        { Key: 'DocumentName', Value: 'kubeadm-autopilot-inspect-control-plane' },
        { Key: 'InvokedAfter', Value: '2026-11-23T02:59:00Z' },
      ],
    });
  });

  test.each([1, 2, 3, 4, 5, 100].map((reads, index) => [reads, [5, 10, 20, 30, 30, 30][index]]))(
    'after %i readings it waits %i seconds',
    async (reads, seconds) => {
      expect(await evaluate(state('run-on-nodes', 'Wait for the nodes').Seconds, { reads })).toBe(seconds);
    },
  );

  test('the results are late once the nodes have had their time', async () => {
    const bindings = { request: sampleRequest(1), online: named(1), offline: [], commandId: 'c' };
    for (const [deadline, isLate] of [
      [Date.parse(ENTERED), false],
      [Date.parse(ENTERED) - 1, true],
    ]) {
      const { Payload } = await run('Read the results', 'Arguments', { ...bindings, states: { context }, deadline });
      expect(readCommandInput.parse(Payload)).toMatchObject({ comment: 'renew-1', about: '', isLate });
    }
  });

  test.each([1, 3])('where none of %i nodes answers, each has a failure', async (count) => {
    const input = { ...context, Execution: { ...EXECUTION, Input: sampleRequest(count) } };
    const { nodes } = await run('No node answers', 'Output', { states: { context: input } });
    expect(nodes).toEqual(
      named(count).map(({ instanceId, name }) => ({
        ...{ instanceId, name },
        failure: { error: 'NodeUnreachable', message: `Run Command does not reach ${name}.` },
      })),
    );
  });

  test.each([
    ['Check the nodes and the lock', 'It may not be sent'],
    ['Read the results', 'A node failed'],
  ])('where "%s" fails, the execution does in the words of the function', async (asks, fails) => {
    const catcher = (
      state('run-on-nodes', asks) as unknown as { Catch: { Next: string; Assign: unknown }[] }
    ).Catch.find(({ Next }) => Next === fails)!;
    const said = JSON.stringify({ node: 'cp1', message: 'm' });
    const errorOutput = { Error: 'NodeStepFailed', Cause: JSON.stringify({ errorType: 'x', errorMessage: said }) };
    const assigned = (await evaluate(catcher.Assign, { states: { errorOutput } })) as Record<string, unknown>;
    const end = state('run-on-nodes', fails);
    expect(await evaluate(end.Error, assigned)).toBe('NodeStepFailed');
    expect(await evaluate(end.Cause, assigned)).toBe(said);
  });
});

describe('check-certificates', () => {
  test('starts the renewal by its own name as the trigger, through start-operation', async () => {
    const { Payload } = (await evaluate(state('check-certificates', 'Start the renewal').Arguments, {
      states: { context },
      found: sampleFound(1),
    })) as { Payload: object };
    expect(startOperationInput.parse(Payload)).toEqual({
      operation: 'renew-certificates',
      cluster: 'demo',
      options: { waitForWindow: true },
      trigger: { source: 'check-certificates', id: 'renew-1' },
    });
  });

  test('tells which execution it has started', async () => {
    const { Assign } = state('check-certificates', 'Start the renewal');
    const answer = { executionArn: 'arn:renewal', started: false, status: 'RUNNING' };
    const { report } = (await evaluate(Assign, { states: { result: { Payload: answer } }, report: REPORT })) as Record<
      string,
      unknown
    >;
    expect(report).toEqual({ ...REPORT, nextExecutionArn: 'arn:renewal' });
    const { Output } = state('check-certificates', 'Certificates are checked');
    expect(await evaluate(Output, { report })).toEqual(report);
    expect(await evaluate(Output, { report: { ...REPORT, next: 'notify' } })).toEqual({ ...REPORT, next: 'notify' });
  });
});

describe('renew-certificates', () => {
  test('after a redrive no node is renewed before the control planes have been looked at again', async () => {
    const renew = (checkedIn: number, RedriveCount: number) =>
      evaluate(state('renew-certificates', 'Renew certificates on the node').Arguments, {
        states: { context: { Execution: { ...EXECUTION, RedriveCount } } },
        found: sampleFound(1),
        node: named(1)[0],
        checkedIn,
      });
    await expect(renew(0, 1)).rejects.toMatchObject({ message: expect.stringMatching('Redriven') });
    await expect(renew(1, 1)).resolves.toMatchObject({ Input: { nodes: named(1) } });
  });

  test('nor does it leave its load balancer: on-operation-ended has put it back', async () => {
    const leave = (checkedIn: number, RedriveCount: number) =>
      evaluate(state('renew-certificates', 'Leave the load balancer').Arguments, {
        states: { context: { ...context, Execution: { ...EXECUTION, RedriveCount } } },
        found: sampleFound(1),
        node: { ...named(1)[0], why: 'w' },
        checkedIn,
      });
    await expect(leave(0, 1)).rejects.toMatchObject({ message: expect.stringMatching('Redriven') });
    const { Payload } = (await leave(1, 1)) as { Payload: object };
    expect(Payload).toEqual({
      cluster: 'demo',
      operation: 'renew-certificates',
      execution: EXECUTION.Id,
      since: EXECUTION.StartTime,
      at: ENTERED,
      config: sampleFound(1).config,
      node: named(1)[0],
    });
  });

  test('to look again after draining does not count as having looked before a redrive', () => {
    expect(state('renew-certificates', 'Check the control planes again').Assign).not.toHaveProperty('checkedIn');
    expect(state('renew-certificates', 'Check the control planes').Assign).toHaveProperty('checkedIn');
  });

  test.each(COUNTS.filter((count) => count > 0))(
    'what %i nodes said of their load balancer is mailed',
    async (count) => {
      const nodes = named(count).map(({ name }) => ({ node: name, said: `${name} left api` }));
      const said = named(count).map((node) => ({ ...node, answer: { restarted: [], kubeconfigs: [] } }));
      const { Assign } = state('renew-certificates', 'One control plane at a time');
      const result: object[] = nodes.map((node, index) => ({ ...node, begun: true, answers: [said[index]] }));
      result.push({ node: 'left', begun: false, said: '', answers: [] });
      const assigned = (await evaluate(Assign, { states: { result } })) as Record<string, unknown>;
      const { loadBalancer, answers, notBegun } = assigned;
      expect(notBegun).toEqual(['left']);
      expect(loadBalancer).toEqual(nodes);
      expect(answers).toEqual(said);
      const { Arguments } = state('renew-certificates', 'Tell the operators');
      const { Message } = (await evaluate(Arguments, { report: REPORT, loadBalancer, found: sampleFound(1) })) as {
        Message: string;
      };
      expect(Message).toBe(
        ['Certificates run out.', '', 'Load balancer:', ...nodes.map(({ said }) => `- ${said}`)].join('\n'),
      );
    },
  );

  const parameters = (name: string, found: unknown) =>
    evaluate((state('renew-certificates', name).Arguments as never)['Input']['parameters'], { found });

  test.each([
    [[], 'none'],
    [['/a'], '/a'],
    [['/a', '/b'], '/a,/b'],
  ])('kubeconfigs %j are passed as "%s"', async (adminKubeconfigs, expected) => {
    const found = sampleFound(1, { adminKubeconfigs });
    for (const name of ['Refresh the copies of admin.conf', 'Refresh the copies of admin.conf on all of them'])
      expect(await parameters(name, found)).toEqual({ AdminKubeconfigs: expected });
  });

  test('force is passed on', async () => {
    const found = sampleFound(1);
    const forced = { ...found, options: { ...found.options, force: true } };
    expect(await parameters('Renew certificates on the node', found)).toEqual({ Force: 'no', Until: 'all' });
    expect(await parameters('Renew certificates on the node', forced)).toEqual({ Force: 'yes', Until: 'all' });
  });

  describe('what a node says of its renewal is kept for the report', () => {
    const kept = async (result: object) => {
      const { Assign } = state('renew-certificates', 'Renew certificates on the node');
      const nodes = [{ ...named(1)[0], result }];
      const { ownAnswer } = (await evaluate(Assign, { states: { result: { Output: { nodes } } } })) as {
        ownAnswer: { answer: unknown }[];
      };
      expect(ownAnswer).toMatchObject(named(1));
      return ownAnswer[0]!.answer;
    };
    const kubeconfig = (path: string, reason?: string) => ({
      ...{ path, refreshed: reason === undefined },
      ...(reason && { reason }),
    });

    test.each([
      [{ backup: '/var/lib/b', restarted: [], kubeconfigs: [] }],
      [{ backup: '/var/lib/b', restarted: ['etcd'], kubeconfigs: [kubeconfig('/root/.kube/config')] }],
      [
        {
          restarted: ['etcd', 'kube-apiserver'],
          kubeconfigs: [kubeconfig('/a'), kubeconfig('/b', 'left alone: it is a symbolic link')],
        },
      ],
    ])('%j', async (said) => {
      const restarted = said.restarted.map((component) => ({ component, newContainer: 'x' }));
      const answer = await kept({ node: 'cp1', changed: true, renewed: [{}], served: [{}], ...said, restarted });
      expect(answer).toEqual(said);
      expect(renewalAnswer.parse(answer)).toEqual(said);
    });

    test.each<[string, object]>([
      ['nothing', {}],
      [
        'values of the wrong type',
        { backup: { a: 1 }, restarted: 'x', kubeconfigs: [1, { path: 7, refreshed: 'no' }] },
      ],
      [
        'far too much',
        {
          backup: 'b'.repeat(100_000),
          restarted: Array.from({ length: 1000 }, () => ({ component: 'c'.repeat(1000) })),
          kubeconfigs: Array.from({ length: 1000 }, () => kubeconfig('p'.repeat(1000), 'r'.repeat(1000))),
        },
      ],
    ])('%s fails no state and stays small', async (_name, said) => {
      expect(JSON.stringify(await kept(said)).length).toBeLessThan(15_000);
    });

    test('of its kubeconfigs too, after what it said of its certificates', async () => {
      const [node] = named(1);
      const ownAnswer = [{ ...node, answer: { backup: '/b', restarted: ['etcd'], kubeconfigs: [] } }];
      const kubeconfigs = [kubeconfig('/root/.kube/config'), kubeconfig('/b', 'left alone: it is a symbolic link')];
      const nodes = [{ ...node, result: { node: 'cp-1', changed: true, kubeconfigs } }];
      const { Assign } = state('renew-certificates', 'Refresh the copies of admin.conf');
      expect(await evaluate(Assign, { states: { result: { Output: { nodes } } }, ownAnswer })).toEqual({
        ownAnswer: [...ownAnswer, { ...node, answer: { restarted: [], kubeconfigs } }],
      });
    });

    test.each([1, 3])('a repair of %i keeps what they say at every part', async (count) => {
      const before = named(count).map((node) => ({
        ...node,
        answer: { backup: '/b', restarted: [], kubeconfigs: [] },
      }));
      const nodes = named(count).map((node) => ({ ...node, result: { restarted: [{ component: 'etcd' }] } }));
      const { Assign } = state('renew-certificates', 'Restart etcd on all of them');
      const { answers } = (await evaluate(Assign, {
        states: { result: { Output: { nodes } } },
        answers: before,
      })) as { answers: object[] };
      const etcd = named(count).map((node) => ({ ...node, answer: { restarted: ['etcd'], kubeconfigs: [] } }));
      expect(answers).toEqual([...before, ...etcd]);
    });
  });

  test.each([
    ['a renewal', { loadBalancer: [{ node: 'cp1', said: 'cp1 left api' }] }],
    ['a repair, which takes no node out of its load balancer', {}],
  ])('its output after %s is the report without the notification', async (_what, loadBalancer) => {
    const { Output } = state('renew-certificates', 'Certificates are renewed');
    const output = await evaluate(Output, { report: REPORT, ...loadBalancer });
    expect(output).toEqual({
      ...loadBalancer,
      cluster: 'demo',
      next: 'renew',
      renewedNodes: [],
      summary: 's',
      because: 'b',
      notify: true,
    });
  });

  test.each(COUNTS)('with %i control planes, lists stay lists', async (count) => {
    const bindings = {
      states: { context },
      found: sampleFound(count),
      before: sampleResults(count),
      plan: {
        ...{ ...PLAN, steps: named(count), from: '1.36.3', target: '1.37.2', atOnce: 1 },
        hops: [{ ...HOP, raiseEtcd: { imageTag: '3.6.12-0', nodes: [] } }],
        waves: count > 0 ? [{ workers: turnsOf(count).map((turn) => ({ turn, on: turn })) }] : [],
      },
      plannedIn: EXECUTION.RedriveCount,
      plannedUnevaluated: { Error: 'States.QueryEvaluationError', Cause: 'no such variable' },
      repair: null,
      secret: { name: '/kubeadm-autopilot/secrets/demo/bootstrap-token-1' },
      workerKubelets: [],
      controlPlaneKubelets: { asked: count, changed: 0, failed: 0, failures: [] },
    };
    const planning = (await evaluate(state('renew-certificates', 'Plan the renewal').Arguments, bindings)) as Record<
      string,
      Record<string, unknown>
    >;
    expect(planning.Payload!.nodes).toEqual(bindings.found.controlPlanes);
    expect(planning.Payload!.facts).toEqual(bindings.before);
    const asking = (await evaluate(
      state('renew-certificates', 'Gather facts from the control planes').Arguments,
      bindings,
    )) as typeof planning;
    expect(asking.Input!.nodes).toEqual(named(count));
    expect(await evaluate(state('renew-certificates', 'One control plane at a time').Items, bindings)).toEqual(
      named(count),
    );
  });

  test.each([0, 1])('etcd nodes (%i) are planned for beside the control planes', async (count) => {
    const etcdNodes = sampleWorkers(count).map((node) => ({ ...node, role: 'etcd' as const }));
    const found = sampleFound(1, {}, { etcdNodes });
    const { Payload } = (await evaluate(state('renew-certificates', 'Plan the renewal').Arguments, {
      states: { context },
      found,
      before: [],
    })) as { Payload: { nodes: object[] } };
    expect(Payload.nodes).toEqual([...found.controlPlanes, ...etcdNodes]);
  });

  test.each([
    [0, []],
    [1, [1]],
    [50, [50]],
    [51, [50, 1]],
    [1000, Array.from({ length: 20 }, () => 50)],
  ])('%i workers are asked, at most 50 together; those out of reach are not', async (amount, sizes) => {
    const reachable = sampleWorkers(amount);
    const [first] = sampleWorkers(1);
    const workers = [{ ...first!, instanceId: 'i-stopped', unreachable: 'the instance is stopped' }, ...reachable];
    const items = await evaluate(state('renew-certificates', 'Fifty workers at a time').Items, {
      found: sampleFound(1, {}, { workers }),
    });
    const groups = items as { instanceId: string; name: string }[][];
    expect(groups.map((group) => group.length)).toEqual(sizes);
    expect(groups.flat()).toEqual(reachable.map(({ instanceId, name }) => ({ instanceId, name })));
    const { Arguments } = state('renew-certificates', 'Let the kubelets of workers rejoin');
    for (const group of groups.slice(0, 2)) {
      const asked = await evaluate(Arguments, {
        states: { context, input: group },
        found: sampleFound(1),
        secret: { name: 's' },
      });
      expect(asked).toMatchObject({ Input: { nodes: group } });
    }
  });

  test.each([0, 1, 60])('of %i workers out of reach, 50 are named with the reason', async (amount) => {
    const workers = sampleWorkers(amount).map((node) => ({ ...node, unreachable: 'the instance is stopped' }));
    const { Assign, Arguments } = state('renew-certificates', 'Wait until every node is Ready');
    const bindings = {
      states: { context, result: { Output: { nodes: sampleResults(1) } } },
      found: sampleFound(1, {}, { workers }),
      plan: { ...PLAN, spokesman: named(1)[0] },
      workerKubelets: [],
      controlPlaneKubelets: { asked: 1, changed: 0, failed: 0, failures: [] },
    };
    const { repair } = (await evaluate(Assign, bindings)) as { repair: { unreachableWorkers: object[] } };
    expect(repair.unreachableWorkers).toEqual(
      workers.slice(0, 50).map(({ name }) => ({ name, reason: 'the instance is stopped' })),
    );
    const { Input } = (await evaluate(Arguments, bindings)) as { Input: { parameters: { Absent: string } } };
    expect(Input.parameters.Absent).toBe(String(amount));
  });

  test('one node is asked for as a list of one', async () => {
    const { Input } = (await evaluate(state('renew-certificates', 'Renew certificates on the node').Arguments, {
      states: { context },
      found: sampleFound(1),
      node: { ...named(1)[0], why: 'w' },
      checkedIn: 0,
    })) as { Input: Record<string, unknown> };
    expect(Input.nodes).toEqual(named(1));
  });
});

describe('upgrade-workers', () => {
  test.each([
    [8, 5, ['skipped-1', 'not-begun-1', 'upgraded-1', 'upgraded-2']],
    [400, 1, ['skipped-1', 'not-begun-1', 'upgraded-1']],
    [5, 0, ['skipped-1', 'not-begun-1']],
    [1, 3, ['skipped-1']],
  ])('room for %i outcomes, %i were upgraded: first the others are told, then %j', async (keep, upgraded, expected) => {
    const of = (outcome: string, count: number) =>
      Array.from({ length: count }, (_, index) => ({ node: `${outcome}-${index + 1}`, outcome, seconds: {} }));
    const { Output } = state('upgrade-workers', 'This group is done');
    const turns = [...of('upgraded', upgraded), ...of('not-begun', 1), ...of('skipped', 1)];
    const done = (await evaluate(Output, { turns, request: { group: { group: 'a' }, keep } })) as {
      turns: { node: string }[];
    };
    expect(done).toMatchObject({ group: 'a', upgraded, skipped: 1, notBegun: 1 });
    expect(done.turns.map(({ node }) => node)).toEqual(expected);
  });
});
