import { z } from 'zod';
import type { AwsAction, Caller } from '../../aws/aws-call';
import { AwsError } from '../../aws/aws-call';
import { checkedAction } from '../../aws/checked-action';
import type { Clock } from '../../clock';
import { passRole } from '../../iam/pass-role';
import { parseDefinition } from '../definition/parse-definition';
import type { MachineSnapshot } from '../engine/execution';
import type { ExpressionFunction } from '../expressions/functions';
import { MAX_DEFINITION_BYTES } from '../limits';
import { checkArn, checkName, stateMachineArn } from './names';
import { page, paging } from './pages';

interface StateMachine extends MachineSnapshot {
  creationDate: Date;
  tags: Map<string, string>;
}

export interface NewStateMachine {
  name: string;
  /** Amazon States Language as JSON text. */
  definition: string;
  roleArn: string;
}

const tag = z.strictObject({ key: z.string(), value: z.string().default('') });
// Settings that change nothing here: taken, so that definitions from elsewhere can be created as they are.
const settings = {
  loggingConfiguration: z.unknown().optional(),
  tracingConfiguration: z.unknown().optional(),
  encryptionConfiguration: z.unknown().optional(),
};

/** The state machines and the actions on them. */
export class StateMachines {
  private readonly machines = new Map<string, StateMachine>();

  constructor(
    private readonly clock: Clock,
    private readonly functions: Record<string, ExpressionFunction>,
  ) {}

  /** @throws AwsError StateMachineDoesNotExist */
  get(arn: string): StateMachine {
    const machine = this.machines.get(checkArn(arn, 'stateMachine'));
    if (!machine) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }

  /** @throws AwsError InvalidName, InvalidDefinition, StateMachineAlreadyExists (the same name with something else in it) */
  async create(
    { name, definition, roleArn }: NewStateMachine,
    principal: Caller['principal'],
    tags: z.infer<typeof tag>[] = [],
  ): Promise<StateMachine> {
    const arn = stateMachineArn(checkName(name, 'a state machine'));
    const existing = this.machines.get(arn);
    if (existing) {
      if (existing.definitionText === definition && existing.roleArn === roleArn) return existing;
      throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
    }
    const parsed = await this.parse(definition);
    const now = this.clock.now();
    const machine: StateMachine = {
      arn,
      name,
      roleArn,
      principal,
      definitionText: definition,
      definition: parsed,
      creationDate: now,
      updateDate: now,
      tags: new Map(tags.map(({ key, value }) => [key, value])),
    };
    this.machines.set(arn, machine);
    return machine;
  }

  readonly actions: Record<string, AwsAction> = {
    CreateStateMachine: checkedAction(
      'CreateStateMachine',
      z.strictObject({
        name: z.string(),
        definition: z.string(),
        roleArn: z.string().min(1),
        type: z.literal('STANDARD', 'only STANDARD state machines run here').optional(),
        tags: z.array(tag).optional(),
        ...settings,
      }),
      {
        permissions: ({ name, roleArn }) => [
          { action: 'states:CreateStateMachine', resource: stateMachineArn(name) },
          passRole(roleArn, 'states.amazonaws.com'),
        ],
        run: async (input, caller) => {
          // What somebody creates here runs with the rights of whoever created it.
          const { arn, creationDate } = await this.create(input, caller.principal, input.tags);
          return { stateMachineArn: arn, creationDate };
        },
      },
    ),
    UpdateStateMachine: checkedAction(
      'UpdateStateMachine',
      z.strictObject({
        stateMachineArn: z.string(),
        definition: z.string().optional(),
        roleArn: z.string().min(1).optional(),
        ...settings,
      }),
      {
        permissions: ({ stateMachineArn: resource, roleArn }) => [
          { action: 'states:UpdateStateMachine', resource },
          ...(roleArn === undefined ? [] : [passRole(roleArn, 'states.amazonaws.com')]),
        ],
        run: async ({ stateMachineArn: arn, definition, roleArn }) => {
          const machine = this.get(arn);
          if (definition === undefined && roleArn === undefined) {
            throw new AwsError(
              'MissingRequiredParameter',
              'Either the definition, the role ARN or the logging configuration has to be given.',
            );
          }
          const parsed = definition === undefined ? undefined : await this.parse(definition);
          machine.updateDate = this.clock.now();
          if (parsed) Object.assign(machine, { definition: parsed, definitionText: definition });
          if (roleArn !== undefined) machine.roleArn = roleArn;
          return { updateDate: machine.updateDate };
        },
      },
    ),
    DeleteStateMachine: this.onMachine('DeleteStateMachine', {}, ({ stateMachineArn: arn }) => {
      this.machines.delete(checkArn(arn, 'stateMachine'));
      return {};
    }),
    DescribeStateMachine: this.onMachine(
      'DescribeStateMachine',
      { includedData: z.string().optional() },
      ({ stateMachineArn: arn }) => {
        const { creationDate, ...machine } = this.get(arn);
        return { ...describe(machine), status: 'ACTIVE', type: 'STANDARD', creationDate };
      },
    ),
    ListStateMachines: checkedAction('ListStateMachines', z.strictObject(paging), {
      run: (input) => {
        const { items, next } = page([...this.machines.values()], input);
        return {
          stateMachines: items.map(({ arn, name, creationDate }) => ({
            stateMachineArn: arn,
            name,
            type: 'STANDARD',
            creationDate,
          })),
          ...next,
        };
      },
    }),
    ValidateStateMachineDefinition: checkedAction(
      'ValidateStateMachineDefinition',
      z.strictObject({
        definition: z.string(),
        type: z.string().optional(),
        severity: z.string().optional(),
        maxResults: z.number().optional(),
      }),
      {
        run: async ({ definition }) => {
          const { problems } = await parseDefinition(definition, this.functions);
          const diagnostics = problems.all.map((problem) => ({ severity: 'ERROR', ...problem }));
          return { result: diagnostics.length ? 'FAIL' : 'OK', diagnostics, truncated: false };
        },
      },
    ),
    TagResource: checkedAction('TagResource', z.strictObject({ resourceArn: z.string(), tags: z.array(tag) }), {
      permissions: ({ resourceArn: resource }) => [{ action: 'states:TagResource', resource }],
      run: ({ resourceArn, tags }) => {
        for (const { key, value } of tags) this.get(resourceArn).tags.set(key, value);
        return {};
      },
    }),
    ListTagsForResource: checkedAction('ListTagsForResource', z.strictObject({ resourceArn: z.string() }), {
      permissions: ({ resourceArn: resource }) => [{ action: 'states:ListTagsForResource', resource }],
      run: ({ resourceArn }) => ({ tags: [...this.get(resourceArn).tags].map(([key, value]) => ({ key, value })) }),
    }),
  };

  private onMachine<Shape extends z.ZodRawShape>(
    name: string,
    shape: Shape,
    run: (input: { stateMachineArn: string }) => Record<string, unknown>,
  ): AwsAction {
    return checkedAction(name, z.strictObject({ stateMachineArn: z.string(), ...shape }), {
      permissions: (input) => [
        { action: `states:${name}`, resource: (input as { stateMachineArn: string }).stateMachineArn },
      ],
      run: (input) => run(input as { stateMachineArn: string }),
    });
  }

  private async parse(text: string) {
    if (Buffer.byteLength(text) > MAX_DEFINITION_BYTES) {
      throw new AwsError(
        'InvalidDefinition',
        `Invalid State Machine Definition: it is longer than ${MAX_DEFINITION_BYTES} bytes.`,
      );
    }
    const { definition, problems } = await parseDefinition(text, this.functions);
    if (!definition) throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${problems}'`);
    return definition;
  }
}

/** Members that DescribeStateMachine and DescribeStateMachineForExecution share. */
export function describe({
  arn,
  name,
  roleArn,
  definitionText,
}: Pick<MachineSnapshot, 'arn' | 'name' | 'roleArn' | 'definitionText'>) {
  return {
    stateMachineArn: arn,
    name,
    definition: definitionText,
    roleArn,
    loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: { enabled: false },
  };
}
