import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { EVENT_SOURCE } from '../../lambdas/contracts/events';
import type { BusEvent } from '../../local/eventbridge/bus-event';
import { fileOf } from '../../tools/event-schemas/schemas';

export const FOLDER = join(__dirname, '../../docs/events');
const known = new Map<string, z.ZodType>();

/** What an event of the app has otherwise than its published schema, fields that it does not know included. */
export function mistakesOf(event: Pick<BusEvent, 'source' | 'detail-type' | 'detail'>): string[] {
  if (event.source !== EVENT_SOURCE) return [];
  const type = event['detail-type'];
  const file = join(FOLDER, fileOf(type));
  if (!existsSync(file)) return [`${type} has no schema`];
  if (!known.has(type)) known.set(type, z.fromJSONSchema(closed(JSON.parse(readFileSync(file, 'utf8'))) as never));
  const { 'detail-type': _, source, detail } = event;
  const parsed = known.get(type)!.safeParse({ source, 'detail-type': type, detail });
  return parsed.success ? [] : [`${type}: ${z.prettifyError(parsed.error)}`];
}

/** With no other fields than those that it lists. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return inner['type'] === 'object' && inner['properties'] ? { ...inner, additionalProperties: false } : inner;
}
