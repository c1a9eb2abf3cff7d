import { AwsError } from '../../aws/aws-call';
import type { Clock } from '../../clock';
import type { BusEvent } from '../../eventbridge/bus-event';
import type { Node, OutputLine } from '../../nodes/node';
import { Command, type CommandRequest, type Invocation } from './command';
import { commandEvent, invocationEvent } from './command-events';
import { deliver, type Delivery } from './deliver';
import { Places } from './places';

export interface RunCommandOptions {
  clock: Clock;
  /** Takes the events for the account's default bus. */
  emit(event: BusEvent): void;
  onNodeOutput?(node: Node, output: OutputLine & { commandId: string; document: string }): void;
  /** What a node's agent was started with, and its scripts therefore find in their environment. Default: nothing. Never rejects. */
  agentStartedWith?(node: Node): Promise<Record<string, string>>;
  /** For how long after SendCommand nobody can see the command: the real service is eventually consistent. Default: 200. */
  visibleAfterMs?: number;
}

/** All commands that were sent, and their way to the nodes. */
export class RunCommand {
  private readonly commands = new Map<string, { command: Command; visibleFrom: number }>();
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly delivery: Delivery;

  constructor(private readonly options: RunCommandOptions) {
    this.delivery = {
      clock: options.clock,
      places: new Places(),
      stopped: this.stopping.signal,
      agentStartedWith: async (node) => (await options.agentStartedWith?.(node)) ?? {},
      onOutput: ({ node, command }, output) =>
        options.onNodeOutput?.(node, { ...output, commandId: command.id, document: command.document.name }),
    };
  }

  send(request: CommandRequest): Command {
    const command = new Command(request, (changed) => this.tell(changed));
    this.commands.set(command.id, { command, visibleFrom: this.now() + (this.options.visibleAfterMs ?? 200) });
    const run = this.bringToNodes(command).finally(() => this.running.delete(run));
    this.running.add(run);
    return command;
  }

  /** @throws AwsError InvalidCommandId. */
  get(id: string): Command {
    const found = this.commands.get(id);
    if (!found) throw new AwsError('InvalidCommandId', `There is no command ${id}.`);
    return found.command;
  }

  /** What lists show, newest first. */
  visible(): Command[] {
    const now = this.now();
    return [...this.commands.values()]
      .filter(({ visibleFrom }) => visibleFrom <= now)
      .map(({ command }) => command)
      .reverse();
  }

  /** Kills what runs, without events. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const { command } of this.commands.values())
      for (const invocation of command.invocations) invocation.abandon();
    await Promise.all(this.running);
  }

  /** To MaxConcurrency nodes at a time, until more than MaxErrors of them have failed. */
  private async bringToNodes(command: Command): Promise<void> {
    // SendCommand answers before anything happens.
    await Promise.resolve();
    if (!command.invocations.length) return this.tell(command);
    const waiting = [...command.invocations];
    const next = async () => {
      for (let invocation = waiting.shift(); invocation; invocation = waiting.shift()) {
        if (command.mayGoOn) await deliver(invocation, this.delivery);
        else invocation.become('Terminated');
      }
    };
    await Promise.all(Array.from({ length: Math.min(command.concurrency, waiting.length) }, next));
  }

  private now(): number {
    return this.options.clock.now().getTime();
  }

  private tell(changed: Command | Invocation): void {
    if (this.stopping.signal.aborted) return;
    const now = this.options.clock.now();
    this.options.emit('command' in changed ? invocationEvent(changed, now) : commandEvent(changed, now));
  }
}
