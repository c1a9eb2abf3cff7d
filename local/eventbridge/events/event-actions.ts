import { z } from 'zod';
import { AwsError, type AwsAction, type Permission } from '../../aws/aws-call';
import { checkedAction } from '../../aws/checked-action';
import { paginate } from '../../aws/paginate';
import type { EventBridge } from './event-bridge';
import { busArn, checkSize, entryBus, putEvents, readEntry } from './put-events';
import { busName, newRule, putRule, ruleArn, withTargets, type Rule } from './rule';

const page = { Limit: z.number().int().min(1).max(100).default(100), NextToken: z.string().optional() };
const ofBus = { EventBusName: z.string().default('default').transform(busName) };
const named = z.strictObject({ Name: z.string(), ...ofBus });

export function eventActions(bridge: EventBridge, now: () => Date): Record<string, AwsAction> {
  const find = (bus: string, name: string): Rule => {
    const rule = bridge.rulesOf(bus).get(name);
    if (!rule) throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`);
    return rule;
  };
  return {
    PutEvents: checkedAction('PutEvents', putEvents, {
      permissions: ({ Entries }) =>
        Entries.map((entry) => ({
          action: 'events:PutEvents',
          resource: busArn(entryBus(entry)),
          conditionKeys: { 'events:source': entry.Source ?? '', 'events:detail-type': entry.DetailType ?? '' },
        })),
      run: ({ Entries }) => {
        checkSize(Entries);
        const answers = Entries.map((entry) => take(bridge, entry, now()));
        return { FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length, Entries: answers };
      },
    }),
    PutRule: checkedAction('PutRule', putRule, {
      permissions: ({ Name, EventBusName }) => [
        { action: 'events:PutRule', resource: ruleArn(busName(EventBusName), Name) },
      ],
      run: (input) => {
        const before = bridge.rulesOf(busName(input.EventBusName)).get(input.Name);
        const rule = newRule(input, before?.targets ?? []);
        bridge.setRule(rule);
        return { RuleArn: rule.arn };
      },
    }),
    PutTargets: checkedAction(
      'PutTargets',
      z.strictObject({ Rule: z.string(), ...ofBus, Targets: z.array(z.looseObject({})).min(1) }),
      {
        permissions: ({ Rule, EventBusName, Targets }) => [
          { action: 'events:PutTargets', resource: ruleArn(EventBusName, Rule) },
          ...Targets.flatMap(({ RoleArn }) => (typeof RoleArn === 'string' ? [passRole(RoleArn)] : [])),
        ],
        run: ({ Rule, EventBusName, Targets }) => {
          const rule = find(EventBusName, Rule);
          rule.targets = withTargets(rule, Targets);
          return { FailedEntryCount: 0, FailedEntries: [] };
        },
      },
    ),
    ...ruleActions(bridge, find),
  };
}

function ruleActions(bridge: EventBridge, find: (bus: string, name: string) => Rule): Record<string, AwsAction> {
  const on =
    (action: string) =>
    ({ Name, EventBusName }: z.output<typeof named>): Permission[] => [
      { action: `events:${action}`, resource: ruleArn(EventBusName, Name) },
    ];
  return {
    DescribeRule: checkedAction('DescribeRule', named, {
      permissions: on('DescribeRule'),
      run: ({ Name, EventBusName }) => describe(find(EventBusName, Name)),
    }),
    EnableRule: checkedAction('EnableRule', named, {
      permissions: on('EnableRule'),
      run: ({ Name, EventBusName }) => {
        find(EventBusName, Name).enabled = true;
        return {};
      },
    }),
    DisableRule: checkedAction('DisableRule', named, {
      permissions: on('DisableRule'),
      run: ({ Name, EventBusName }) => {
        find(EventBusName, Name).enabled = false;
        return {};
      },
    }),
    ListRules: checkedAction('ListRules', z.strictObject({ NamePrefix: z.string().default(''), ...ofBus, ...page }), {
      run: ({ NamePrefix, EventBusName, Limit, NextToken }) => {
        const rules = [...bridge.rulesOf(EventBusName).values()].filter(({ name }) => name.startsWith(NamePrefix));
        const { items, ...rest } = paginate(rules, Limit, NextToken);
        return { Rules: items.map(describe), ...rest };
      },
    }),
    ListTargetsByRule: checkedAction('ListTargetsByRule', z.strictObject({ Rule: z.string(), ...ofBus, ...page }), {
      permissions: ({ Rule, EventBusName }) => [
        { action: 'events:ListTargetsByRule', resource: ruleArn(EventBusName, Rule) },
      ],
      run: ({ Rule, EventBusName, Limit, NextToken }) => {
        const { items, ...rest } = paginate(find(EventBusName, Rule).targets, Limit, NextToken);
        return { Targets: items, ...rest };
      },
    }),
    CreateEventBus: checkedAction(
      'CreateEventBus',
      z.strictObject({ Name: z.string().regex(/^[/.\-_A-Za-z0-9]{1,256}$/) }),
      {
        permissions: ({ Name }) => [{ action: 'events:CreateEventBus', resource: busArn(Name) }],
        run: ({ Name }) => ({ EventBusArn: bridge.addBus(Name).arn }),
      },
    ),
    ListEventBuses: checkedAction('ListEventBuses', z.strictObject({ NamePrefix: z.string().default(''), ...page }), {
      run: ({ NamePrefix, Limit, NextToken }) => {
        const { items, ...rest } = paginate(
          bridge.busNames.filter((name) => name.startsWith(NamePrefix)),
          Limit,
          NextToken,
        );
        return { EventBuses: items.map((name) => ({ Name: name, Arn: busArn(name) })), ...rest };
      },
    }),
  };
}

const passRole = (role: string) => ({ action: 'iam:PassRole', resource: role });

function take(bridge: EventBridge, entry: z.output<typeof putEvents>['Entries'][number], now: Date) {
  const event = readEntry(entry, now);
  if ('ErrorCode' in event) return event;
  const bus = entryBus(entry);
  if (!bridge.busNames.includes(bus))
    return { ErrorCode: 'ResourceNotFoundException', ErrorMessage: `Event bus ${bus} does not exist.` };
  bridge.emit(event, bus);
  return { EventId: event.id };
}

const describe = (rule: Rule) => ({
  Name: rule.name,
  Arn: rule.arn,
  EventBusName: rule.bus,
  EventPattern: rule.pattern,
  State: rule.enabled ? 'ENABLED' : 'DISABLED',
  ...(rule.description !== undefined && { Description: rule.description }),
  ...(rule.roleArn !== undefined && { RoleArn: rule.roleArn }),
});
