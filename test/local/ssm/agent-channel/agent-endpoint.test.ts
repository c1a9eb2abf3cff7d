import { Clock } from '../../../../local/clock';
import { AgentEndpoint } from '../../../../local/ssm/agent-channel/agent-endpoint';
import { AgentNode } from '../../../../local/ssm/agent-channel/agent-node';
import { Ssm } from '../../../../local/ssm/ssm';
import { checkedCall } from '../../eventbridge/checked-call';
import { documentOf, eventually } from '../ssm-world';
import { loopbackCertificate, type LoopbackCertificate } from './loopback-certificate';
import { ScriptedAgent } from './scripted-agent';

const ID = 'i-0123456789abcdef0';
const VERSION = '3.3.4624.0';
const DOCUMENT = documentOf([{ runCommand: ['true'] }], {
  who: { type: 'String', default: 'nobody', interpolationType: 'ENV_VAR' },
  names: { type: 'StringList', default: ['a'] },
});

let certificate: LoopbackCertificate;
let node: AgentNode;
let endpoint: AgentEndpoint;
let agent: ScriptedAgent;
let ssm: Ssm;
let clock: Clock;
let problems: string[];

beforeAll(async () => {
  certificate = await loopbackCertificate();
});
beforeEach(async () => {
  problems = [];
  const onProblem = (sentence: string) => problems.push(sentence);
  node = new AgentNode({ instanceId: ID, name: 'real', privateIp: '10.0.0.9', tags: { role: 'worker' }, onProblem });
  endpoint = await AgentEndpoint.listen({ nodes: [node], ...certificate, onProblem });
  agent = new ScriptedAgent(endpoint.url, certificate.ca, ID);
  clock = new Clock();
  ssm = new Ssm({ nodes: [node], clock, emit: () => undefined, visibleAfterMs: 0 });
  for (const { Name, Content } of [
    DOCUMENT,
    documentOf(
      [
        { name: 'one', runCommand: ['true'] },
        { name: 'two', runCommand: ['true'] },
      ],
      {},
      'two-steps',
    ),
  ])
    await call('CreateDocument', { Name, Content: JSON.stringify(Content) });
});
afterEach(async () => {
  await ssm.stop();
  await endpoint.stop();
});

const call = (action: string, input: Record<string, unknown> = {}) => checkedCall(ssm, action, input);
const invocation = (CommandId: string, PluginName?: string) =>
  call('GetCommandInvocation', { CommandId, InstanceId: ID, ...(PluginName && { PluginName }) });

async function online() {
  await agent.register(VERSION);
  await agent.connect();
  await eventually(() => node.isOn);
}

/** Sends a command and answers its id and the agent's job, once the agent has it. */
async function sent(input: Record<string, unknown> = {}) {
  const { Command } = await call('SendCommand', { DocumentName: DOCUMENT.Name, InstanceIds: [ID], ...input });
  const before = agent.jobs('sendCommand').length;
  await eventually(() => agent.jobs('sendCommand').length > before);
  return { id: Command.CommandId as string, job: agent.jobs('sendCommand').at(-1)! };
}

describe('who is known', () => {
  const information = async () => (await call('DescribeInstanceInformation')).InstanceInformationList;

  test('nobody, before the agent has told its version', async () => {
    expect(await agent.call('UpdateInstanceInformation', { InstanceId: ID })).toEqual({ status: 200, body: {} });
    expect(await information()).toEqual([]);
    await expect(call('SendCommand', { DocumentName: DOCUMENT.Name, InstanceIds: [ID] })).rejects.toThrow(
      'not in a valid state',
    );
  });

  test('its agent, lost while its channel is closed', async () => {
    await agent.register(VERSION);
    expect(await information()).toMatchObject([
      { InstanceId: ID, AgentVersion: VERSION, PingStatus: 'ConnectionLost' },
    ]);
    await agent.connect();
    await eventually(() => node.isOn);
    expect(await information()).toMatchObject([{ PingStatus: 'Online' }]);
    agent.disconnect();
    await eventually(() => !node.isOn);
    expect(problems).toEqual([]);
  });

  test('a newer connection stays when the older one ends', async () => {
    await online();
    const second = new ScriptedAgent(endpoint.url, certificate.ca, ID);
    await second.connect();
    const { job } = await (agent.disconnect(), (agent = second), sent());
    expect(job.JobId).toMatch(/^aws\.ssm\./);
  });
});

describe('who is refused', () => {
  test('an instance that nobody knows', async () => {
    const stranger = new ScriptedAgent(endpoint.url, certificate.ca, 'i-0fffffffffffffff0');
    expect(await stranger.register(VERSION)).toMatchObject({ status: 400, body: { __type: 'InvalidInstanceId' } });
    await expect(stranger.connect()).rejects.toThrow('404');
    expect(problems[0]).toMatch('i-0fffffffffffffff0');
  });

  test('a channel with another token than the last', async () => {
    await agent.register(VERSION);
    await agent.connect('made-up');
    expect(await agent.closed()).toBe(1008);
    expect(node.isOn).toBe(false);
    expect(problems).toEqual(['real: the agent opened the control channel without the token that it was given last.']);
  });

  test('a page in a browser, and a call that it does not know', async () => {
    const page = await agent.post(
      '/',
      {},
      { 'x-amz-target': 'AmazonSSM.ListInstanceAssociations', origin: 'https://a.example' },
    );
    expect(page.status).toBe(403);
    await expect(agent.connect(undefined, { origin: 'https://a.example' })).rejects.toThrow('404');
    expect(await agent.call('PutInventory', {})).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching('PutInventory') },
    });
    const legacy = { 'x-amz-target': 'EC2WindowsMessageDeliveryService.GetMessages' };
    expect((await agent.post('/', {}, legacy)).status).toBe(400);
    expect((await agent.post('/elsewhere', {})).status).toBe(400);
    expect(problems).toEqual([
      expect.stringMatching('pages in a browser'),
      'The local SSM does not answer PutInventory of an agent.',
      'The local SSM does not answer POST /elsewhere of an agent.',
    ]);
    expect(await agent.call('ListInstanceAssociations', {})).toEqual({ status: 200, body: { Associations: [] } });
  });
});

test('the agent gets the whole document, the values that were given and no others', async () => {
  await online();
  const { id, job } = await sent({ Parameters: { names: ['b', 'c'] } });
  expect(job).toMatchObject({ SchemaVersion: 1, JobId: `aws.ssm.${id}.${ID}` });
  expect(JSON.parse(job.Content)).toEqual({
    CommandId: id,
    DocumentName: DOCUMENT.Name,
    DocumentContent: DOCUMENT.Content,
    Parameters: { names: ['b', 'c'] },
    OutputS3BucketName: '',
    OutputS3KeyPrefix: '',
    CloudWatchLogGroupName: '',
    CloudWatchOutputEnabled: 'false',
  });
});

test('its replies become the invocation, each is acknowledged, and a late one changes nothing', async () => {
  await online();
  const { id, job } = await sent();
  agent.acknowledge(job.JobId);
  const replies = [
    agent.reply(job.JobId, 'InProgress'),
    agent.reply(job.JobId, 'Failed', { run: ['Failed', 3, 'said\n'] }),
    agent.reply(job.JobId, 'InProgress', { run: ['InProgress', 0, ''] }),
  ];
  const acknowledged = () =>
    agent.got.filter(({ type }) => type === 'agent_job_reply_ack').map(({ payload }) => payload);
  await eventually(() => acknowledged().length === replies.length);
  expect(acknowledged()).toEqual(replies.map((acknowledgedMessageId) => ({ jobId: job.JobId, acknowledgedMessageId })));
  expect(await invocation(id)).toMatchObject({
    Status: 'Failed',
    StatusDetails: 'Failed',
    ResponseCode: 3,
    StandardOutputContent: 'said\n',
    ExecutionElapsedTime: 'PT2S',
  });
});

test('a running step shows nothing yet; its document ends with its last step', async () => {
  await online();
  const { id, job } = await sent({ DocumentName: 'two-steps' });
  agent.reply(job.JobId, 'InProgress', { one: ['Success', 0, 'first'] });
  agent.reply(job.JobId, 'Success');
  agent.reply(job.JobId, 'InProgress', { two: ['InProgress', 0, 'half'] });
  await eventually(async () => (await invocation(id, 'two')).Status === 'InProgress');
  expect(await invocation(id, 'two')).toMatchObject({ ResponseCode: -1, StandardOutputContent: '' });
  agent.reply(job.JobId, 'InProgress', { two: ['Skipped', 0, ''] });
  await eventually(async () => (await call('ListCommands', { CommandId: id })).Commands[0].Status === 'Success');
  expect(await invocation(id, 'two')).toMatchObject({ StatusDetails: 'Skipped' });
});

test('a document that the agent could not read fails without a word about its steps', async () => {
  await online();
  const { id, job } = await sent();
  agent.acknowledge(job.JobId, '51408');
  agent.reply(job.JobId, 'Failed');
  await eventually(async () => (await invocation(id)).Status === 'Failed');
  expect(await invocation(id)).toMatchObject({ StatusDetails: 'Failed', ResponseCode: -1, StandardOutputContent: '' });
});

test('a job is offered until the agent has it, also over a lost connection', async () => {
  await online();
  const { id, job } = await sent();
  agent.disconnect();
  await eventually(() => !node.isOn);
  agent = new ScriptedAgent(endpoint.url, certificate.ca, ID);
  await agent.connect();
  const offers = () => agent.got.filter(({ payload }) => payload.JobId === job.JobId).length;
  await eventually(() => offers() > 0);
  agent.acknowledge(job.JobId, '51402');
  const refused = offers();
  await eventually(() => offers() > refused);
  expect(problems).toEqual([`real: the agent did not take ${job.JobId}: 51402 Refused`]);
  agent.acknowledge(job.JobId, '51405');
  agent.reply(job.JobId, 'Success', { run: ['Success', 0, ''] });
  await eventually(async () => (await invocation(id)).Status === 'Success');
});

test('CancelCommand is a job of its own; what the agent says of it is what counts', async () => {
  await online();
  const { id, job } = await sent();
  agent.acknowledge(job.JobId);
  await call('CancelCommand', { CommandId: id });
  await eventually(() => agent.jobs('cancelCommand').length === 1);
  const [cancel] = agent.jobs('cancelCommand');
  expect(cancel.JobId).not.toBe(job.JobId);
  expect(JSON.parse(cancel.Content)).toEqual({ CancelMessageId: job.JobId });
  agent.acknowledge(cancel.JobId);
  agent.reply(cancel.JobId, 'Success');
  agent.reply(job.JobId, 'Cancelled', { run: ['Cancelled', 137, 'half'] });
  await eventually(async () => (await invocation(id)).Status === 'Cancelled');
  expect(await invocation(id)).toMatchObject({ ResponseCode: 137, StandardOutputContent: 'half' });
});

test('an agent that never answers: the command expires, and an answer after that changes nothing', async () => {
  await online();
  const { id, job } = await sent({ TimeoutSeconds: 30 });
  clock.advance((30 + 3600) * 1000);
  await eventually(async () => (await invocation(id)).StatusDetails === 'Delivery Timed Out');
  agent.reply(job.JobId, 'Success', { run: ['Success', 0, ''] });
  await eventually(() => agent.got.some(({ type }) => type === 'agent_job_reply_ack'));
  expect(await invocation(id)).toMatchObject({ StatusDetails: 'Delivery Timed Out', ResponseCode: -1 });
});

test('what is not understood is told in one sentence, and the channel stays', async () => {
  await online();
  const { id, job } = await sent();
  agent.send('agent_job_ack', 'no JSON');
  agent.send('agent_job_reply', { jobId: job.JobId, content: '{"documentStatus":"Sleeping"}' });
  agent.send('input_stream_data', {});
  agent.reply(job.JobId, 'InProgress', { other: ['Success', 0, ''] });
  agent.reply(job.JobId, 'Success', { run: ['Success', 0, ''] });
  await eventually(async () => (await invocation(id)).Status === 'Success');
  expect(problems).toEqual([
    expect.stringMatching(/^real: the agent's message is not understood: .*JSON/),
    expect.stringMatching(/^real: the agent's message is not understood: agent_job_reply: content\.documentStatus: /),
    'real: the agent sent a input_stream_data, which the local SSM does not know.',
    'real: the agent told of steps that are not in the document: other',
  ]);
});

test('it takes no scripts, and its machine cannot be switched', async () => {
  await expect(node.run()).rejects.toThrow('takes documents and no scripts');
  await expect(node.powerOff()).rejects.toThrow('cannot switch it off');
  await expect(node.powerOn()).rejects.toThrow('cannot switch it on');
});
