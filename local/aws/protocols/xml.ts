import type { NormalizedSchema } from '@smithy/core/schema';
import { membersOf } from '../shapes';

/** An output's members as XML elements, in the form that both query dialects share (EC2's names are in its schemas). */
export function writeXmlMembers(schema: NormalizedSchema, value: object, path = ''): string {
  return membersOf(schema, value, path)
    .map(([name, member, item]) => {
      const tag = (member.getMemberTraits() as { xmlName?: string }).xmlName ?? name;
      const at = path ? `${path}.${name}` : name;
      if (member.isListSchema() && member.getMergedTraits().xmlFlattened) {
        return (item as unknown[]).map((one) => element(tag, writeXml(member.getValueSchema(), one, at))).join('');
      }
      return element(tag, writeXml(member, item, at));
    })
    .join('');
}

function writeXml(schema: NormalizedSchema, value: unknown, path: string): string {
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const tag = (item.getMergedTraits() as { xmlName?: string }).xmlName ?? 'member';
    return (value as unknown[]).map((one, index) => element(tag, writeXml(item, one, `${path}[${index}]`))).join('');
  }
  if (schema.isMapSchema()) {
    return Object.entries(value as object)
      .map(([key, one]) =>
        element(
          'entry',
          element('key', escapeXml(key)) + element('value', writeXml(schema.getValueSchema(), one, `${path}.${key}`)),
        ),
      )
      .join('');
  }
  if (schema.isStructSchema()) return writeXmlMembers(schema, value as object, path);
  if (schema.isTimestampSchema()) {
    if (!(value instanceof Date))
      throw new TypeError(`The answer's ${path} has to be a Date, not ${JSON.stringify(value)}.`);
    return value.toISOString();
  }
  if (schema.isBlobSchema()) return Buffer.from(value as Uint8Array).toString('base64');
  return escapeXml(String(value));
}

export function element(tag: string, content: string): string {
  return `<${tag}>${content}</${tag}>`;
}

// Control characters other than tab and newline cannot be in XML 1.0 at all; AWS replaces them too.
export function escapeXml(text: string): string {
  return text
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/\r/g, '&#13;')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd');
}
