import { z } from 'zod';
import type { Node } from '../../nodes/node';

/** Targets of SendCommand: at most 5 keys, all of which a node has to match, each with one of its values. */
export const targets = z
  .array(
    z.strictObject({
      Key: z.string().regex(/^(InstanceIds|tag:.{1,128}|tag-key)$/, 'expected InstanceIds, tag:<key> or tag-key'),
      Values: z.array(z.string()).min(1).max(50),
    }),
  )
  .max(5, 'at most 5 targets are allowed');

export type Targets = z.output<typeof targets>;

export function nodesOf(wanted: Targets, nodes: Node[]): Node[] {
  return nodes.filter((node) => wanted.every(({ Key, Values }) => Values.some((value) => matches(node, Key, value))));
}

function matches(node: Node, key: string, value: string): boolean {
  if (key === 'InstanceIds') return value === '*' || node.instanceId === value;
  const tags: Record<string, string> = { ...node.tags, Name: node.name };
  return key === 'tag-key' ? value in tags : tags[key.slice('tag:'.length)] === value;
}
