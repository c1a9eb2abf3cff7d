import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cloudAssembly } from '../helpers/synth';
import { readable, resourcesOf } from '../helpers/template';

interface Function {
  Code: { S3Key: string };
  Runtime: string;
  Architectures: string[];
  Environment?: { Variables: Record<string, string> };
}

const functions = Object.values(resourcesOf<Function & { Role: string }>('AWS::Lambda::Function'));
const LAMBDAS = resolve(__dirname, '../../lambdas/functions');

/** The file that CloudFormation would find behind the function. */
const bundleOf = ({ Code }: Function) =>
  join(cloudAssembly(), `asset.${/([0-9a-f]{64})/.exec(JSON.stringify(readable(Code)))![1]}`, 'index.js');
const functionOf = (id: string) => functions.find(({ Role }) => Role === `<${id}Role>`)!;

/** Function, the folder of its handler, a text that only this handler logs, its environment. */
const EXPECTED = [
  ['FindNodes', 'find-nodes', 'Nodes found', ['LOCK_TABLE']],
  ['CheckCommand', 'check-command', 'Command may be sent', ['LOCK_TABLE']],
  ['ReadCommand', 'read-command', 'Command read', []],
  ['CompleteCommand', 'complete-command', 'Nobody waits for this command', []],
  ['AssessCertificates', 'assess-certificates', 'Certificates assessed', ['BUS_NAME']],
  ['PlanRenewal', 'plan-renewal', 'Renewal planned', []],
  ['AssessGate', 'assess-gate', 'Gates are open', []],
  [
    'LeaveLoadBalancer',
    'leave-load-balancer',
    'Asked to leave the load balancer',
    ['BUS_NAME', 'LOCK_TABLE', 'TOPIC_ARN'],
  ],
  ['ReturnToLoadBalancer', 'return-to-load-balancer', 'Asked to return to the load balancer', ['LOCK_TABLE']],
  ['VerifyRenewal', 'verify-renewal', 'Renewal proven', []],
  ['BootstrapSecret', 'bootstrap-secret', 'Secret made', ['LOCK_TABLE']],
  ['PlanBackUp', 'plan-back-up', 'Backup planned', []],
  ['PlanCreate', 'plan-create', 'Creation planned', []],
  ['PlanReconfiguration', 'plan-reconfiguration', 'Reconfiguration planned', []],
  ['PlanRemoval', 'plan-removal', 'Removal planned', []],
  ['PlanReplacement', 'plan-replacement', 'Replacement planned', []],
  ['DeregisterNode', 'deregister-node', 'Deregistered for good', ['LOCK_TABLE']],
  ['RegisterTargets', 'register-targets', 'Registered in the load balancer', []],
  ['PrepareSnapshot', 'prepare-snapshot', 'Uploads prepared', ['LOCK_TABLE', 'OPERATIONS_BUCKET']],
  ['VerifySnapshot', 'verify-snapshot', 'Snapshot proven', ['LOCK_TABLE']],
  ['PlanUpgrade', 'plan-upgrade', 'Upgrade planned', []],
  ['PlanWaves', 'plan-waves', 'Waves planned', []],
  ['AssessMinor', 'assess-minor', 'Control plane assessed', []],
  ['VerifyUpgrade', 'verify-upgrade', 'Upgrade verified', []],
  ['ProgressTellProgress', 'tell-progress', 'Progress told', ['BUS_NAME']],
  [
    'LifecycleEventsFollowLifecycleEvent',
    'follow-lifecycle-event',
    'Lifecycle event followed',
    ['BUS_NAME', 'LOCK_TABLE', 'START_OPERATION', 'STATE_MACHINES', 'TOPIC_ARN'],
  ],
  ['TakeOverLock', 'take-over-lock', 'Lock taken over', ['LOCK_TABLE']],
  [
    'ConcludeFailure',
    'conclude-failure',
    'A part of concluding the failure failed',
    ['BUS_NAME', 'LOCK_TABLE', 'TOPIC_ARN'],
  ],
  [
    'OperationEndedOnOperationEnded',
    'on-operation-ended',
    'The execution runs again',
    ['BUS_NAME', 'LOCK_TABLE', 'STATE_MACHINES', 'TOPIC_ARN', 'UNCORDON_NODES'],
  ],
  [
    'ApiFunction',
    'api',
    'Cluster frozen',
    ['APPROVALS_TABLE', 'LOCK_TABLE', 'OPERATIONS_BUCKET', 'START_OPERATION', 'STATE_MACHINES'],
  ],
  ['ChatWebhook', 'chat-webhook', 'Delivery refused', ['CHAT_COMMAND', 'CHAT_SETTINGS', 'CHAT_TABLE']],
  [
    'ChatCommand',
    'chat-command',
    'Not allowed',
    ['APPROVALS_TABLE', 'CHAT_SETTINGS', 'CHAT_TABLE', 'LOCK_TABLE', 'START_OPERATION', 'STATE_MACHINES'],
  ],
  [
    'ChatProgress',
    'chat-progress',
    'Told in the thread',
    ['APPROVALS_TABLE', 'CHAT_SETTINGS', 'CHAT_TABLE', 'STATE_MACHINES'],
  ],
  ['StartOperation', 'start-operation', 'Operation started', ['APPROVALS_TABLE', 'STATE_MACHINES']],
  ['RequestApproval', 'request-approval', 'Approval asked for', ['APPROVALS_TABLE']],
  ['ReportsWriteReport', 'write-report', 'Report written', ['BUS_NAME', 'OPERATIONS_BUCKET', 'STATE_MACHINES']],
  ['AwaitApproval', 'await-approval', 'Approval awaited', ['APPROVALS_TABLE']],
] as const;

test('each handler has a function, and each function a handler', () => {
  const handlers = readdirSync(LAMBDAS).filter((name) => readdirSync(join(LAMBDAS, name)).includes('handler.ts'));
  expect(EXPECTED.map(([, name]) => name).sort()).toEqual(handlers.sort());
  expect(functions).toHaveLength(handlers.length);
});

describe.each(EXPECTED)('%s', (id, name, logs, variables) => {
  const code = () => readFileSync(bundleOf(functionOf(id)), 'utf8');

  test(`runs lambdas/functions/${name}/handler.ts`, () => {
    expect(code()).toContain(logs);
  });

  test('gets the environment variables that its code reads, and no others', () => {
    const read = [
      'TOPIC_ARN',
      'BUS_NAME',
      'LOCK_TABLE',
      'STATE_MACHINES',
      'START_OPERATION',
      'OPERATIONS_BUCKET',
      'UNCORDON_NODES',
      'CHAT_SETTINGS',
      'CHAT_TABLE',
      'CHAT_COMMAND',
      'APPROVALS_TABLE',
    ].filter((variable) => code().includes(`("${variable}")`));
    expect(read.sort()).toEqual(variables);
    expect(Object.keys(functionOf(id).Environment?.Variables ?? {}).sort()).toEqual(variables);
  });

  test('is small enough to start quickly, and runs on the runtime that we name', () => {
    expect(statSync(bundleOf(functionOf(id))).size).toBeLessThan(2 * 1024 * 1024);
    expect(functionOf(id)).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  });
});
