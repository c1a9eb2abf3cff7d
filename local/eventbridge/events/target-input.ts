import type { BusEvent } from '../bus-event';
import { eventTime } from '../bus-event';
import { atPath } from './event-path';
import type { Rule, Target } from './rule';

/** What a target gets: the event, its constant Input, the part at InputPath, or what InputTransformer makes of it. JSON text. */
export function targetInput(target: Target, rule: Rule, event: BusEvent, now: Date): string {
  const whole = asDelivered(event);
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(atPath(whole, target.InputPath) ?? null);
  if (!target.InputTransformer) return JSON.stringify(whole);
  const { InputPathsMap = {}, InputTemplate } = target.InputTransformer;
  const variables: Record<string, unknown> = {
    ...Object.fromEntries(Object.entries(InputPathsMap).map(([name, path]) => [name, atPath(whole, path)])),
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': eventTime(now),
    'aws.events.event': withoutDetail(whole),
    'aws.events.event.json': whole,
  };
  return fill(InputTemplate, variables);
}

/** In the order in which EventBridge writes an event. */
export function asDelivered(event: BusEvent): Record<string, unknown> {
  const { id, source, account, time, region, resources, detail } = event;
  return { version: '0', id, 'detail-type': event['detail-type'], source, account, time, region, resources, detail };
}

const withoutDetail = ({ detail: _, ...rest }: Record<string, unknown>) => rest;

/** Puts values in the place of `<name>`: as JSON, or within quotes as text. */
function fill(template: string, variables: Record<string, unknown>): string {
  let quoted = false;
  return template.replace(/\\.|"|<([A-Za-z0-9_.-]+)>/g, (found, name: string | undefined) => {
    if (found === '"') quoted = !quoted;
    if (name === undefined || !(name in variables)) return found;
    const value = variables[name];
    if (!quoted) return JSON.stringify(value ?? '');
    return JSON.stringify(typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)).slice(
      1,
      -1,
    );
  });
}
