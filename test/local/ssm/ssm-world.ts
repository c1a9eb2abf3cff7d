import { setTimeout as delay } from 'node:timers/promises';
import { Clock } from '../../../local/clock';
import type { BusEvent } from '../../../local/eventbridge/bus-event';
import { Ssm, type SsmOptions } from '../../../local/ssm/ssm';
import { checkedCall } from '../eventbridge/checked-call';
import { BashNode } from './bash-node';

type Step = { name?: string; runCommand: string | string[]; [input: string]: unknown };

/** A document with one step of these inputs for each of `steps`. */
export function documentOf(steps: Step[], parameters: Record<string, unknown> = {}, name = 'test-document') {
  return {
    Name: name,
    Content: {
      schemaVersion: '2.2',
      parameters,
      mainSteps: steps.map(({ name: step = 'run', ...inputs }) => ({
        action: 'aws:runShellScript',
        name: step,
        inputs,
      })),
    },
  };
}

/** Everything that a test of SSM needs, with actions called by name. */
export class World {
  readonly clock = new Clock();
  readonly events: BusEvent[] = [];
  readonly output: string[] = [];
  readonly ssm: Ssm;

  constructor(
    readonly nodes: BashNode[] = [new BashNode('i-00000000000000001', 'cp-1', { role: 'control-plane' })],
    { documents = [], ...options }: Partial<SsmOptions> & { documents?: ReturnType<typeof documentOf>[] } = {},
  ) {
    this.ssm = new Ssm({
      nodes,
      clock: this.clock,
      emit: (event) => this.events.push(event),
      onNodeOutput: (node, { stream, line, document }) =>
        this.output.push(`${node.name} ${document} ${stream}: ${line}`),
      visibleAfterMs: 0,
      ...options,
    });
    for (const document of documents) this.addDocument(document);
  }

  addDocument({ Name, Content }: ReturnType<typeof documentOf>): void {
    void this.ssm.actions['CreateDocument']!.run({ Name, Content: JSON.stringify(Content) }, { principal: 'user' });
  }

  // Answers are looked into freely: their shapes are the API's.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async call(action: string, input: Record<string, unknown> = {}): Promise<any> {
    return checkedCall(this.ssm, action, input);
  }

  /** Sends to the first node unless told otherwise; answers the command id. */
  async send(input: Record<string, unknown> = {}): Promise<string> {
    const to = input['Targets'] ? {} : { InstanceIds: [this.nodes[0]!.instanceId] };
    const { Command } = await this.call('SendCommand', { DocumentName: 'test-document', ...to, ...input });
    return Command.CommandId;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async invocation(CommandId: string, input: Record<string, unknown> = {}): Promise<any> {
    return this.call('GetCommandInvocation', { CommandId, InstanceId: this.nodes[0]!.instanceId, ...input });
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async command(CommandId: string): Promise<any> {
    return (await this.call('ListCommands', { CommandId })).Commands[0];
  }

  /** The command, once it has this StatusDetails. */
  async until(CommandId: string, details: string | RegExp, seconds = 120) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const command = await this.command(CommandId);
      if (command?.StatusDetails.match(details)) return command;
      if (Date.now() > deadline) throw new Error(`The command is ${command?.StatusDetails}, not ${details}.`);
      await delay(10);
    }
  }

  over(commandId: string) {
    return this.until(commandId, /^(?!Pending|InProgress|Cancelling)/);
  }

  /** Sends, waits for the end, and answers the invocation on the first node. */
  async run(input: Record<string, unknown> = {}, invocation: Record<string, unknown> = {}) {
    const id = await this.send(input);
    await this.over(id);
    return this.invocation(id, invocation);
  }

  async stop() {
    await this.ssm.stop();
    for (const node of this.nodes) node.remove();
  }
}

/** Waits until `condition` holds. */
export async function eventually(condition: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`It did not come true within ${seconds} s: ${condition}`);
    await delay(10);
  }
}
