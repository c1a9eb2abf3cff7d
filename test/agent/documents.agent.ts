import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CancelCommandCommand,
  CreateDocumentCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  GetDocumentCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  type GetCommandInvocationCommandOutput,
} from '@aws-sdk/client-ssm';
import { judgeInvocation } from '../../lambdas/functions/read-command/judge-invocation';
import type { SimulatedNode } from '../../local/nodes/simulated';
import { AgentEndpoint } from '../../local/ssm/agent-channel/agent-endpoint';
import { AgentNode } from '../../local/ssm/agent-channel/agent-node';
import { parseDocument } from '../../local/ssm/documents/document';
import { pendingStep } from '../../local/ssm/run-command/step-result';
import { loopbackCertificate } from '../local/ssm/agent-channel/loopback-certificate';
import { documentOf } from '../local/ssm/ssm-world';
import { unpackScript } from '../../lib/node-access/packed-script';
import { onDisk } from '../operations/helpers/openssl';
import { until, World } from '../operations/helpers/world';
import { RealAgent } from './real-agent';

const VERSION = RealAgent.version();
const [major = 0, minor = 0, build = 0] = VERSION.split('.').map(Number);
/** interpolationType ENV_VAR came with 3.3.2746.0. */
const KNOWS_ENV_VAR = major * 1e8 + minor * 1e5 + build >= 3 * 1e8 + 3 * 1e5 + 2746;
const RUNNING = ['Pending', 'InProgress', 'Delayed', 'Cancelling'];

/**
 * The same documents on one simulated control plane, by two agents: the real one and the local SSM's own, which has to answer the same.
 * Both run the scripts below the same NODE_ROOT: the real agent's scripts find it in the environment that they inherit from it.
 */
describe(`amazon-ssm-agent ${VERSION}`, () => {
  let folder: string;
  let world: World;
  let simulated: SimulatedNode;
  let real: AgentNode;
  let endpoint: AgentEndpoint;
  let agent: RealAgent;
  const problems: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'agent-'));
    world = await World.start();
    simulated = (await world.cluster('agent', { agentVersion: VERSION })).nodes[0]!;
    const onProblem = (sentence: string) => problems.push(sentence);
    const { privateIp, tags } = simulated;
    real = new AgentNode({ instanceId: 'i-0123456789abcdef0', name: simulated.name, privateIp, tags, onProblem });
    world.nodes.push(real);
    const { ca, ...certificate } = await loopbackCertificate();
    endpoint = await AgentEndpoint.listen({ nodes: [real], ...certificate, onProblem });
    const caFile = join(folder, 'ca.crt');
    writeFileSync(caFile, ca);
    agent = new RealAgent({
      instanceId: real.instanceId,
      endpoint: endpoint.url,
      caFile,
      environment: { PATH: simulated.path, LANG: 'C.UTF-8', NODE_ROOT: simulated.root },
    });
    agent.start();
    await online();
  });

  afterAll(async () => {
    await agent?.kill();
    await endpoint?.stop();
    await world?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const pingStatus = async () => {
    const { InstanceInformationList = [] } = await world.ssm.send(
      new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [real.instanceId] }] }),
    );
    return InstanceInformationList[0]?.PingStatus;
  };

  async function online(): Promise<void> {
    try {
      await until('the agent is online', async () => (await pingStatus()) === 'Online', 90);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${problems.join('\n')}\n${RealAgent.log()}`);
    }
  }

  async function send(instanceId: string, DocumentName: string, parameters: Record<string, string> = {}) {
    const Parameters = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]));
    const { Command } = await world.ssm.send(
      new SendCommandCommand({ DocumentName, InstanceIds: [instanceId], Parameters }),
    );
    return Command!.CommandId!;
  }

  async function ended(CommandId: string, InstanceId: string, PluginName?: string) {
    const answer = await until(`${CommandId} ended on ${InstanceId}`, async () => {
      const { CommandInvocations = [] } = await world.ssm.send(
        new ListCommandInvocationsCommand({ CommandId, InstanceId, Details: true }),
      );
      const [found] = CommandInvocations;
      return found && !RUNNING.includes(found.Status!) ? found : undefined;
    });
    const invocation = await world.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId, PluginName }));
    return { details: answer.StatusDetails, plugins: answer.CommandPlugins!, invocation };
  }

  /** Runs a document by both agents, the real one first. */
  async function onBoth(document: string, parameters: Record<string, string> = {}, step?: string) {
    const run = async ({ instanceId }: { instanceId: string }) =>
      ended(await send(instanceId, document, parameters), instanceId, step);
    return { real: await run(real), local: await run(simulated) };
  }

  /** What both agents have to agree on, byte by byte. */
  const outcome = ({ details, plugins, invocation }: Awaited<ReturnType<typeof ended>>) => ({
    details,
    plugins: plugins.map(({ Name, Status, StatusDetails, ResponseCode, Output }) => [
      Name,
      Status,
      StatusDetails,
      ResponseCode,
      Output,
    ]),
    status: invocation.Status,
    code: invocation.ResponseCode,
    stdout: invocation.StandardOutputContent,
    stderr: invocation.StandardErrorContent,
  });

  /** As the app reads it; without the time of the check, and the log, which has times in it. */
  function judged(step: string, { invocation }: { invocation: GetCommandInvocationCommandOutput }) {
    const { result, failure } = judgeInvocation({ instanceId: 'i-any', name: 'cp-1' }, step, {
      status: invocation.Status!,
      statusDetails: invocation.StatusDetails,
      responseCode: invocation.ResponseCode,
      stdout: invocation.StandardOutputContent ?? '',
      stderr: invocation.StandardErrorContent ?? '',
    });
    return {
      status: invocation.StatusDetails,
      code: invocation.ResponseCode,
      result: { ...result, checkedAt: '' },
      failure: { ...failure, logTail: '' },
    };
  }

  async function create(name: string, content: object): Promise<string> {
    await world.ssm.send(
      new CreateDocumentCommand({ Name: name, Content: JSON.stringify(content), DocumentType: 'Command' }),
    );
    return name;
  }

  const script = (name: string, inputs: { runCommand: string[]; [input: string]: unknown }) =>
    create(name, documentOf([inputs]).Content);

  async function ourDocument(step: string) {
    const { Content } = await world.ssm.send(new GetDocumentCommand({ Name: `kubeadm-autopilot-${step}` }));
    return JSON.parse(Content!);
  }

  describe('our documents', () => {
    test('check-certificates lists what is on the disk', async () => {
      const answers = await onBoth('kubeadm-autopilot-check-certificates');
      const { status, code, result } = judged('check-certificates', answers.real);
      expect({ status, code }).toEqual({ status: 'Success', code: 0 });
      expect(judged('check-certificates', answers.real)).toEqual(judged('check-certificates', answers.local));
      const { serial } = onDisk(simulated)['apiserver']!;
      expect(result).toMatchObject({
        certificates: expect.arrayContaining([expect.objectContaining({ name: 'apiserver', serial })]),
      });
    });

    test(`a parameter ${KNOWS_ENV_VAR ? 'reaches the script' : 'does not reach the script, which says so'}`, async () => {
      const answers = await onBoth('kubeadm-autopilot-inspect-control-plane', { Inventory: 'no' });
      const answer = judged('inspect-control-plane', answers.real);
      if (KNOWS_ENV_VAR) expect(answer).toMatchObject({ status: 'Success', code: 0, result: { node: 'cp-1' } });
      else
        expect(answer).toMatchObject({
          status: 'Failed',
          code: 20,
          failure: { message: expect.stringMatching(/refused.*SSM agent on this node is too old/) },
        });
      expect(answer.code).toBe(judged('inspect-control-plane', answers.local).code);
      expect(answer.failure).toEqual(judged('inspect-control-plane', answers.local).failure);
    });

    test('a value that the pattern does not allow: not sent, and refused by the agent all the same', async () => {
      const document = 'kubeadm-autopilot-inspect-control-plane';
      await expect(send(real.instanceId, document, { Inventory: 'no; reboot' })).rejects.toThrow(
        expect.objectContaining({ name: 'InvalidParameters' }),
      );
      const results = [pendingStep('run')];
      const end = await real.runDocument({
        commandId: '00112233-4455-4677-8899-aabbccddeeff',
        documentName: document,
        document: parseDocument(JSON.stringify(await ourDocument('inspect-control-plane'))),
        parameters: { Inventory: 'no; reboot' },
        results,
        cancel: new AbortController().signal,
        giveUp: AbortSignal.timeout(60_000),
        now: () => new Date(),
      });
      expect(end).toBe('Failed');
      expect(results[0]!.stdout).toBe('');
    });

    test('a tool that hangs: the script ends itself at its own limit, in good order', async () => {
      const content = await ourDocument('check-certificates');
      const [text]: string[] = content.mainSteps[0].inputs.runCommand;
      const lines = unpackScript(text!).split('\n');
      lines[1] = lines[1]!.replace(/NODE_STEP_TIME_LIMIT=\d+/, 'NODE_STEP_TIME_LIMIT=3');
      lines.splice(lines.lastIndexOf('step_begin') + 1, 0, 'limited 60 sleep 60');
      content.mainSteps[0].inputs.runCommand = [lines.join('\n')];
      const answers = await onBoth(await create('check-that-hangs', content));
      expect(judged('check-certificates', answers.real)).toEqual(judged('check-certificates', answers.local));
      expect(judged('check-certificates', answers.real)).toMatchObject({
        code: 30,
        failure: { error: 'NodeStepTimedOut' },
      });
    });
  });

  describe('what Run Command does with a script', () => {
    test('at the document’s limit it is killed, and what it said is kept', async () => {
      const document = await script('over-time', {
        timeoutSeconds: '5',
        runCommand: ['#!/bin/bash', 'echo begun', 'sleep 60'],
      });
      const answers = await onBoth(document);
      expect(outcome(answers.real)).toEqual(outcome(answers.local));
      expect(outcome(answers.real)).toMatchObject({ details: 'Execution Timed Out', code: 137, stdout: 'begun\n' });
    });

    test('both streams are cut, and where the same', async () => {
      const lines = [
        '#!/bin/bash',
        'head -c 66000 /dev/zero | tr "\\0" o',
        'head -c 18000 /dev/zero | tr "\\0" e >&2',
        'exit 7',
      ];
      const answers = await onBoth(await script('much-output', { runCommand: lines }));
      expect(outcome(answers.real)).toEqual(outcome(answers.local));
      expect(outcome(answers.real)).toMatchObject({
        code: 7,
        stdout: expect.stringMatching(/^o+--output truncated--$/),
      });
    });

    test('a step that fails ends the document', async () => {
      const steps = [
        { name: 'first', runCommand: ['echo one; exit 3'], onFailure: 'exit' },
        { name: 'second', runCommand: ['echo two'] },
      ];
      const answers = await onBoth(await create('two-steps', documentOf(steps).Content), {}, 'second');
      expect(outcome(answers.real)).toEqual(outcome(answers.local));
      expect(outcome(answers.real)).toMatchObject({ details: 'Failed', status: 'Success', stdout: '' });
    });

    test('it is cancelled while it runs', async () => {
      // It says nothing: what it said in its last moment, the real agent was seen to keep and to lose.
      const lines = ['#!/bin/bash', 'touch "$NODE_ROOT/begun-$AWS_SSM_INSTANCE_ID"', 'sleep 60'];
      const document = await script('cancelled', { runCommand: lines });
      const run = async ({ instanceId }: { instanceId: string }) => {
        const CommandId = await send(instanceId, document);
        await until('it has begun', () => existsSync(join(simulated.root, `begun-${instanceId}`)));
        await world.ssm.send(new CancelCommandCommand({ CommandId }));
        return outcome(await ended(CommandId, instanceId));
      };
      const answer = await run(real);
      expect(answer).toEqual(await run(simulated));
      expect(answer).toMatchObject({ details: 'Cancelled', code: 137 });
    });
  });

  test('an agent that is killed and comes back tells how its script ended', async () => {
    const lines = [
      '#!/bin/bash',
      'echo begun',
      'touch "$NODE_ROOT/at-work"',
      'until [[ -e $NODE_ROOT/go-on ]]; do sleep 0.1; done',
      'echo done',
    ];
    const CommandId = await send(real.instanceId, await script('outlives', { runCommand: lines }));
    await until('it has begun', () => existsSync(join(simulated.root, 'at-work')));
    await agent.kill();
    await until('SSM has lost it', async () => (await pingStatus()) === 'ConnectionLost');
    agent.start();
    await online();
    writeFileSync(join(simulated.root, 'go-on'), '');
    expect(outcome(await ended(CommandId, real.instanceId))).toMatchObject({
      details: 'Success',
      code: 0,
      stdout: 'begun\ndone\n',
    });
  });

  test('everything that the agent asked for and said was understood', () => {
    expect(problems).toEqual([]);
  });
});
