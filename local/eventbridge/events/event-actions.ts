import { z } from 'zod';
import type { AwsAction, Permission } from '../../aws/aws-call';
import { checkedAction } from '../../aws/checked-action';
import { paginate } from '../../aws/paginate';
import { passRole } from '../../iam/pass-role';
import type { BusEvent } from '../bus-event';
import type { EventBuses } from './event-buses';
import { busArn, checkSize, entryBus, putEvents, readEntry } from './put-events';
import { busName, newRule, putRule, ruleArn, withTargets, type Rule } from './rule';

const page = { Limit: z.number().int().min(1).max(100).default(100), NextToken: z.string().optional() };
const ofBus = { EventBusName: z.string().default('default').transform(busName) };
const named = z.strictObject({ Name: z.string(), ...ofBus });

/** What the actions work on. */
interface Around {
  buses: EventBuses;
  /** Delivers an event in the background. */
  emit(event: BusEvent, bus: string): void;
  now(): Date;
}

export function eventActions(around: Around): Record<string, AwsAction> {
  const { buses } = around;
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
        const answers = Entries.map((entry) => take(around, entry));
        return { FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length, Entries: answers };
      },
    }),
    PutRule: checkedAction('PutRule', putRule, {
      permissions: ({ Name, EventBusName }) => [
        { action: 'events:PutRule', resource: ruleArn(busName(EventBusName), Name) },
      ],
      run: (input) => {
        const before = buses.rulesOf(busName(input.EventBusName)).get(input.Name);
        const rule = newRule(input, before?.targets ?? []);
        buses.setRule(rule);
        return { RuleArn: rule.arn };
      },
    }),
    PutTargets: checkedAction(
      'PutTargets',
      z.strictObject({ Rule: z.string(), ...ofBus, Targets: z.array(z.looseObject({})).min(1) }),
      {
        permissions: ({ Rule, EventBusName, Targets }) => [
          { action: 'events:PutTargets', resource: ruleArn(EventBusName, Rule) },
          ...Targets.flatMap(({ RoleArn }) =>
            typeof RoleArn === 'string' ? [passRole(RoleArn, 'events.amazonaws.com')] : [],
          ),
        ],
        run: ({ Rule, EventBusName, Targets }) => {
          const rule = buses.rule(EventBusName, Rule);
          rule.targets = withTargets(rule, Targets);
          return { FailedEntryCount: 0, FailedEntries: [] };
        },
      },
    ),
    ...ruleActions(buses),
  };
}

function ruleActions(buses: EventBuses): Record<string, AwsAction> {
  const on =
    (action: string) =>
    ({ Name, EventBusName }: z.output<typeof named>): Permission[] => [
      { action: `events:${action}`, resource: ruleArn(EventBusName, Name) },
    ];
  return {
    DescribeRule: checkedAction('DescribeRule', named, {
      permissions: on('DescribeRule'),
      run: ({ Name, EventBusName }) => describe(buses.rule(EventBusName, Name)),
    }),
    EnableRule: checkedAction('EnableRule', named, {
      permissions: on('EnableRule'),
      run: ({ Name, EventBusName }) => {
        buses.rule(EventBusName, Name).enabled = true;
        return {};
      },
    }),
    DisableRule: checkedAction('DisableRule', named, {
      permissions: on('DisableRule'),
      run: ({ Name, EventBusName }) => {
        buses.rule(EventBusName, Name).enabled = false;
        return {};
      },
    }),
    ListRules: checkedAction('ListRules', z.strictObject({ NamePrefix: z.string().default(''), ...ofBus, ...page }), {
      run: ({ NamePrefix, EventBusName, Limit, NextToken }) => {
        const rules = [...buses.rulesOf(EventBusName).values()].filter(({ name }) => name.startsWith(NamePrefix));
        const { items, ...rest } = paginate(rules, Limit, NextToken);
        return { Rules: items.map(describe), ...rest };
      },
    }),
    ListTargetsByRule: checkedAction('ListTargetsByRule', z.strictObject({ Rule: z.string(), ...ofBus, ...page }), {
      permissions: ({ Rule, EventBusName }) => [
        { action: 'events:ListTargetsByRule', resource: ruleArn(EventBusName, Rule) },
      ],
      run: ({ Rule, EventBusName, Limit, NextToken }) => {
        const { items, ...rest } = paginate(buses.rule(EventBusName, Rule).targets, Limit, NextToken);
        return { Targets: items, ...rest };
      },
    }),
    CreateEventBus: checkedAction(
      'CreateEventBus',
      z.strictObject({ Name: z.string().regex(/^[/.\-_A-Za-z0-9]{1,256}$/) }),
      {
        permissions: ({ Name }) => [{ action: 'events:CreateEventBus', resource: busArn(Name) }],
        run: ({ Name }) => ({ EventBusArn: buses.add(Name) }),
      },
    ),
    ListEventBuses: checkedAction('ListEventBuses', z.strictObject({ NamePrefix: z.string().default(''), ...page }), {
      run: ({ NamePrefix, Limit, NextToken }) => {
        const { items, ...rest } = paginate(
          buses.names.filter((name) => name.startsWith(NamePrefix)),
          Limit,
          NextToken,
        );
        return { EventBuses: items.map((name) => ({ Name: name, Arn: busArn(name) })), ...rest };
      },
    }),
  };
}

function take({ buses, emit, now }: Around, entry: z.output<typeof putEvents>['Entries'][number]) {
  const event = readEntry(entry, now());
  if ('ErrorCode' in event) return event;
  const bus = entryBus(entry);
  if (!buses.names.includes(bus))
    return { ErrorCode: 'ResourceNotFoundException', ErrorMessage: `Event bus ${bus} does not exist.` };
  emit(event, bus);
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
