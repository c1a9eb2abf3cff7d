import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT } from '../lambdas/contracts/events';
import { eventSchemas, fileOf } from '../tools/event-schemas/schemas';
import { FOLDER, mistakesOf } from './helpers/event-schemas';

test('docs/events has the schemas that the contracts say, and no others: npm run event-schemas writes them', () => {
  const committed = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  expect(
    Object.fromEntries(committed.map((name) => [name, JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))])),
  ).toEqual(JSON.parse(JSON.stringify(eventSchemas())));
});

test.each(Object.values(EVENT))('%s has one', (type) => {
  expect(eventSchemas()).toHaveProperty([fileOf(type), 'properties', 'detail', 'properties', 'cluster']);
});

const removed = { cluster: 'demo', execution: 'arn:x', node: 'w', instanceId: 'i-1', kind: 'worker', summary: 's' };
test.each<[string, string, object, RegExp | undefined]>([
  ['as it should be', 'Node Removed', removed, undefined],
  ['a field is missing', 'Node Removed', { ...removed, node: undefined }, /node/],
  ['a field too many', 'Node Removed', { ...removed, color: 'blue' }, /color/],
  ['another value', 'Node Removed', { ...removed, kind: 'etcd' }, /kind/],
  ['nobody knows it', 'Node Painted', removed, /has no schema/],
])('an event of the app: %s', (_, type, detail, expected) => {
  const event = { source: 'kubeadm-autopilot', 'detail-type': type, detail: JSON.parse(JSON.stringify(detail)) };
  const mistakes = mistakesOf(event);
  if (expected) expect(mistakes).toEqual([expect.stringMatching(expected)]);
  else expect(mistakes).toEqual([]);
});
