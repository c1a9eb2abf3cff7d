import aslValidator from 'asl-validator';
import jsonata from 'jsonata';
import { FUNCTIONS, namesIn } from '../helpers/expression-names';
import { definitions, expressionsIn } from '../helpers/state-machine';
import { unassignedVariables } from '../helpers/unassigned-variables';

const machines = Object.entries(definitions());

test('there are the state machines that there should be', () => {
  expect(machines.map(([name]) => name).sort()).toEqual([
    ...['back-up-etcd', 'check-certificates', 'create-cluster', 'join-node', 'lifecycle-event'],
    ...[
      'reconfigure',
      'remove-node',
      'renew-certificates',
      'replace-node',
      'run-on-nodes',
      'uncordon-nodes',
      'upgrade',
      'upgrade-worker',
      'upgrade-workers',
    ],
  ]);
});

test.each(machines)('%s is valid Amazon States Language', (_name, definition) => {
  // Function names and the like are references here, which are no ARNs.
  expect(aslValidator(definition, { checkArn: false }).errors).toEqual([]);
});

test.each(machines)('%s is all JSONata and has a time limit', (_name, definition) => {
  expect(definition.QueryLanguage).toBe('JSONata');
  expect(definition.TimeoutSeconds).toBeGreaterThan(0);
  expect(JSON.stringify(definition)).not.toMatch(/"[A-Za-z]+\.\$":/);
});

test.each(machines)('%s reads no variable before it is assigned', (_name, definition) => {
  expect(unassignedVariables(definition)).toEqual([]);
});

describe.each(machines)('expressions of %s', (_name, definition) => {
  const expressions = expressionsIn(definition).map(({ where, expression }) => [where, expression] as const);

  test.each(expressions)('%s can be read by AWS', (_where, expression) => {
    expect(expression).not.toContain('\n');
    expect(mistakesIn(expression)).toEqual([]);
  });

  // AWS says so only when it runs into one.
  test.each(expressions)('%s calls only functions that there are', (_where, expression) => {
    expect([...namesIn(expression).functions].filter((name) => !FUNCTIONS.has(name))).toEqual([]);
  });
});

test.each([
  ['$eval("1")', 'eval'],
  ['$map([1], function($x) { $ })', 'a bare $'],
  ['$$.x', 'a bare $'],
])('the check above finds %s', (expression, mistake) => {
  expect(mistakesIn(expression)).toContain(mistake);
});

test.each([
  ['$frobnicate(1)', ['frobnicate']],
  ['$map([1], $frobnicate)', []],
  ['($f := function($x) { $sum($x) }; $f([1]))', ['sum']],
  ['$states.input ~> $count', ['count']],
  ['$substringBefore(?, "-")("a-b")', ['substringBefore']],
])('%s calls %j', (expression, expected) => {
  expect([...namesIn(expression).functions].filter((name) => name !== 'map')).toEqual(expected);
});

/** What the npm package takes and Step Functions refuses. */
function mistakesIn(expression: string): string[] {
  const mistakes: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, value } = node as { type?: string; value?: unknown };
    if (type === 'variable' && (value === '' || value === '$')) mistakes.push('a bare $');
    if (type === 'variable' && value === 'eval') mistakes.push('eval');
    Object.values(node).forEach(visit);
  };
  visit(jsonata(expression).ast());
  return mistakes;
}
