import type { AwsAction, AwsOutput, AwsService, Permission } from '../../aws/aws-call';
import { AwsError } from '../../aws/aws-call';
import type { Clock } from '../../clock';
import type { Node } from '../../nodes/node';
import { isUp, reboot } from '../../nodes/reboot';
import { paginate } from '../../aws/paginate';
import type { Instance, StateName } from './instances';
import { applyFilters, applyTagFilters, describeInstance, instanceArn, reservationId, STATE_CODES } from './instances';

type Input = Record<string, unknown>;

/** EC2, as far as it is about the nodes: find them by tag, switch them on and off, change their tags. */
export class Ec2Service implements AwsService {
  readonly name = 'ec2';
  private readonly launched: Date;
  /** Nodes on their way from one state to another. */
  private readonly changing = new Map<string, { state: StateName; done: Promise<void> }>();
  /** Name tags that were changed: a node's name is fixed otherwise. */
  private readonly nameTags = new Map<string, string | undefined>();

  /** `nodes` may grow and shrink later. */
  constructor(
    private readonly nodes: Node[],
    clock: Clock,
  ) {
    this.launched = clock.now();
  }

  readonly actions: Record<string, AwsAction> = {
    DescribeInstances: { run: async (input) => this.describeInstances(input) },
    DescribeTags: { run: async (input) => this.describeTags(input) },
    StartInstances: this.onInstances('StartInstances', (input) =>
      this.switchAll(input, 'pending', (node) => node.powerOn(), 'StartingInstances'),
    ),
    StopInstances: this.onInstances('StopInstances', (input) =>
      this.switchAll(input, 'stopping', (node) => node.powerOff(), 'StoppingInstances'),
    ),
    RebootInstances: this.onInstances('RebootInstances', async (input) => {
      for (const { node } of this.named(input['InstanceIds'])) this.change(node, 'running', () => reboot(node));
      return {};
    }),
    CreateTags: this.onInstances('CreateTags', async (input) =>
      this.eachTag(input, (instance, key, value = '') => this.setTag(instance, key, value)),
    ),
    DeleteTags: this.onInstances('DeleteTags', async (input) =>
      this.eachTag(input, (instance, key, value) => {
        if (value === undefined || instance.tags[key] === value) this.setTag(instance, key, undefined);
      }),
    ),
  };

  /** Waits for nodes that are being switched: afterwards they are the owner's again. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.changing.values()].map(({ done }) => done));
  }

  private describeInstances(input: Input): AwsOutput {
    const { InstanceIds: ids, Filters: filters = [], MaxResults: most, NextToken: token, ...unsupported } = input;
    for (const [member, value] of Object.entries(unsupported)) {
      if (value !== false)
        throw new AwsError('UnsupportedOperation', `DescribeInstances: the local AWS does not support ${member}.`);
    }
    if (ids && most !== undefined) {
      throw new AwsError(
        'InvalidParameterCombination',
        'The parameter instancesSet cannot be used with the parameter maxResults',
      );
    }
    if (most !== undefined && ((most as number) < 5 || (most as number) > 1000)) {
      throw new AwsError(
        'InvalidParameterValue',
        `Value ( ${String(most)} ) for parameter maxResults is invalid. Expecting a value from 5 to 1000.`,
      );
    }
    const found = applyFilters(ids ? this.named(ids) : this.instances(), filters as []);
    const { items, NextToken } = paginate(found, (most as number | undefined) ?? 1000, token as string | undefined);
    return {
      Reservations: items.map((instance) => ({
        ReservationId: reservationId(instance.node.instanceId),
        Instances: [describeInstance(instance, this.launched)],
      })),
      ...(NextToken && { NextToken }),
    };
  }

  private describeTags(input: Input): AwsOutput {
    const { Filters: filters = [], ...unsupported } = input;
    for (const member of Object.keys(unsupported))
      throw new AwsError('UnsupportedOperation', `DescribeTags: the local AWS does not support ${member}.`);
    return { Tags: applyTagFilters(this.instances(), filters as []) };
  }

  private instances(): Instance[] {
    return this.nodes.map((node) => {
      const name = this.nameTags.has(node.instanceId) ? this.nameTags.get(node.instanceId) : node.name;
      return {
        node,
        state: this.changing.get(node.instanceId)?.state ?? (isUp(node) ? 'running' : 'stopped'),
        tags: { ...(name !== undefined && { Name: name }), ...node.tags },
      };
    });
  }

  private named(ids: unknown): Instance[] {
    const wanted = (ids ?? []) as string[];
    const malformed = wanted.find((id) => !/^i-[0-9a-f]{8}([0-9a-f]{9})?$/.test(id));
    if (malformed !== undefined) throw new AwsError('InvalidInstanceID.Malformed', `Invalid id: "${malformed}"`);
    const known = new Map(this.instances().map((instance) => [instance.node.instanceId, instance]));
    const missing = wanted.filter((id) => !known.has(id));
    if (missing.length)
      throw new AwsError('InvalidInstanceID.NotFound', `The instance IDs '${missing.join(', ')}' do not exist`);
    return wanted.map((id) => known.get(id)!);
  }

  /** An action on instances, allowed by instance and its tags. */
  private onInstances(action: string, run: (input: Input) => Promise<AwsOutput>): AwsAction {
    return {
      permissions: (input): Permission[] =>
        this.named(input['InstanceIds'] ?? input['Resources']).map(({ node, tags }) => ({
          action: `ec2:${action}`,
          resource: instanceArn(node.instanceId),
          conditionKeys: Object.fromEntries(
            Object.entries(tags).flatMap(([key, value]) => [
              [`ec2:ResourceTag/${key}`, value],
              [`aws:ResourceTag/${key}`, value],
            ]),
          ),
        })),
      run,
    };
  }

  private async switchAll(
    input: Input,
    meanwhile: StateName,
    act: (node: Node) => Promise<void>,
    member: string,
  ): Promise<AwsOutput> {
    const changes = this.named(input['InstanceIds']).map(({ node, state }) => {
      const reached = meanwhile === 'pending' ? 'running' : 'stopped';
      if (state !== reached) this.change(node, meanwhile, () => act(node));
      const current = state === reached ? state : meanwhile;
      return {
        InstanceId: node.instanceId,
        CurrentState: { Name: current, Code: STATE_CODES[current] },
        PreviousState: { Name: state, Code: STATE_CODES[state] },
      };
    });
    return { [member]: changes };
  }

  /** After what is already under way for this node. */
  private change(node: Node, state: StateName, act: () => Promise<void>): void {
    const before = this.changing.get(node.instanceId)?.done ?? Promise.resolve();
    const done = before.then(act).finally(() => {
      if (this.changing.get(node.instanceId)?.done === settled) this.changing.delete(node.instanceId);
    });
    const settled = done.catch(() => undefined);
    this.changing.set(node.instanceId, { state, done: settled });
  }

  private eachTag(input: Input, act: (instance: Instance, key: string, value?: string) => void): AwsOutput {
    for (const instance of this.named(input['Resources'])) {
      for (const { Key: key, Value: value } of (input['Tags'] ?? []) as { Key: string; Value?: string }[])
        act(instance, key, value);
    }
    return {};
  }

  /** Tags other than Name are the node's own, so that SSM sees the change too. */
  private setTag({ node }: Instance, key: string, value: string | undefined): void {
    if (key === 'Name') this.nameTags.set(node.instanceId, value);
    else if (value === undefined) delete node.tags[key];
    else node.tags[key] = value;
  }
}
