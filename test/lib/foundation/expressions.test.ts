import {
  expression,
  fieldsOf,
  is,
  list,
  pick,
  referTo,
  render,
  textOf,
  variable,
} from '../../../lib/foundation/expressions';
import type { Expression, Payload } from '../../../lib/foundation/expressions';
import { evaluateExpression } from '../../helpers/evaluate-jsonata';

interface Node {
  instanceId: string;
  name: string;
  labels?: { zone: string };
}
interface Found {
  cluster: string;
  nodes: Node[];
  options: { force: boolean; decision: 'act' | 'refuse' };
}
const found = variable<Found>('found');

test.each([
  [found, '$found'],
  [found.options.force, '$found.options.force'],
  [found.nodes.labels.zone, '$found.nodes.labels.zone'],
  [referTo<Node>('$states.input').name, '$states.input.name'],
  [fieldsOf<Node>().labels.zone, 'labels.zone'],
  [list(found.nodes), '[$found.nodes]'],
  [pick(found.nodes, 'instanceId', 'name'), '$found.nodes.{"instanceId": instanceId, "name": name}'],
  [is(found.options.decision, 'act'), '$found.options.decision = "act"'],
  [is(found.options.force, true), '$found.options.force = true'],
  [
    expression`$count(${found.nodes}) > ${2} or ${'it said "no"'} in ${[5, 10]}`,
    '$count($found.nodes) > 2 or "it said \\"no\\"" in [5,10]',
  ],
] as [Expression<unknown>, string][])('an expression is its text: %#', (given, text) => {
  expect(textOf(given)).toBe(text);
});

test('a payload keeps what is written down and puts expressions into {% %}, at any depth', () => {
  const payload = {
    cluster: found.cluster,
    deep: [{ force: found.options.force, yes: true }],
    none: null,
    absent: undefined,
  };
  expect(render(payload)).toEqual({
    cluster: '{% $found.cluster %}',
    deep: [{ force: '{% $found.options.force %}', yes: true }],
    none: null,
  });
});

test.each([0, 1, 3])('a list is a list also with %i items', async (count) => {
  const nodes = Array.from({ length: count }, (_, index) => ({ instanceId: `i-${index}`, name: `cp-${index}` }));
  const evaluate = (of: Expression<unknown>) => evaluateExpression(textOf(of), { found: { nodes }, nodes });
  expect(await evaluate(list(found.nodes))).toEqual(nodes);
  expect(await evaluate(list(variable<Node[]>('nodes')))).toEqual(nodes);
  expect(await evaluate(list(found.nodes.name))).toEqual(nodes.map(({ name }) => name));
});

// `npm run check` fails when one of these compiles.
export function compilesOnlyWithTheContract(): unknown[] {
  // @ts-expect-error no such field
  const renamed = found.optionz;
  // @ts-expect-error no such field of the items
  const renamedInItems = found.nodes.nameOf;
  // @ts-expect-error a path over a list may be one item or nothing: list() makes it a list
  const bare: Payload<Node[]> = found.nodes;
  // @ts-expect-error another type
  const wrong: Payload<{ cluster: string }> = { cluster: found.options.force };
  // @ts-expect-error a field is missing
  const missing: Payload<Node> = { instanceId: found.nodes.instanceId };
  // @ts-expect-error no such value
  const unknownValue = is(found.options.decision, 'wait');
  // @ts-expect-error no such field to pick
  const unpickable = pick(found.nodes, 'id');
  return [renamed, renamedInItems, bare, wrong, missing, unknownValue, unpickable];
}
