import * as z from 'zod';
import { EVENT_DETAILS, EVENT_SOURCE } from '../../lambdas/contracts/events';

type Schema = Record<string, unknown>;

/** A JSON schema for each event on the app's bus, by file name: from the very contracts that what sends them is checked against. */
export function eventSchemas(): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(EVENT_DETAILS).map(([type, detail]) => [fileOf(type), schemaOf(type, detail)]),
  );
}

export const fileOf = (detailType: string): string => `${detailType.toLowerCase().replaceAll(' ', '-')}.json`;

/** Patterns such as \p{Cc} mean something else to a library that does not read them as Unicode: what they keep out is checked before an event is sent. */
function withoutUnicodeProperties({ jsonSchema }: { jsonSchema: Schema }): void {
  if (String(jsonSchema.pattern).includes('\\p{')) delete jsonSchema.pattern;
}

/** Of the whole event, as EventBridge delivers it. Fields may be added: a schema leaves objects open. */
function schemaOf(type: string, detail: z.ZodType): Schema {
  const { $schema, ...inner } = z.toJSONSchema(detail, { io: 'input', override: withoutUnicodeProperties });
  return {
    $schema,
    title: type,
    type: 'object',
    properties: {
      source: { const: EVENT_SOURCE },
      'detail-type': { const: type },
      time: { type: 'string', format: 'date-time' },
      detail: inner,
    },
    required: ['source', 'detail-type', 'detail'],
  };
}
