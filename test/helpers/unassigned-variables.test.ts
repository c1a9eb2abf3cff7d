import type { Scope, State } from './state-machine';
import { unassignedVariables } from './unassigned-variables';

const machine = (states: Record<string, object>): Scope => ({
  StartAt: Object.keys(states)[0]!,
  States: states as Record<string, State>,
});
const assign = (variables: object, next: string) => ({ Type: 'Pass', Assign: variables, Next: next });
const show = (expression: string) => ({ Type: 'Succeed', Output: { shown: `{% ${expression} %}` } });
const fails = (state: string, variable: string, where = 'Output.shown') => [
  `"${state}" reads $${variable} in ${where}, which no state has assigned on some way to it.`,
];
const choice = (rules: object[], more: object) => ({ Type: 'Choice', Choices: rules, ...more });

test.each<[string, Record<string, object>, string[]]>([
  ['nothing assigns it', { Show: show('$x') }, fails('Show', 'x')],
  ['it is assigned before', { First: assign({ x: 1 }, 'Show'), Show: show('$x') }, []],
  ['null is a value', { First: assign({ x: null }, 'Show'), Show: show('$x') }, []],
  [
    'it is assigned after',
    { Show: { ...assign({ y: '{% $x %}' }, 'Then') }, Then: assign({ x: 1 }, 'End'), End: show('1') },
    fails('Show', 'x', 'Assign.y'),
  ],
  [
    'a state does not see what it assigns',
    { Show: { ...assign({ x: 1 }, 'End'), Output: '{% $x %}' }, End: show('$x') },
    fails('Show', 'x', 'Output'),
  ],
  [
    'one of two rules assigns it',
    {
      Ask: choice([{ Condition: '{% $states.input %}', Assign: { x: 1 }, Next: 'Show' }], { Default: 'Show' }),
      Show: show('$x'),
    },
    fails('Show', 'x'),
  ],
  [
    'a rule and the default assign it',
    {
      Ask: choice([{ Condition: '{% $states.input %}', Assign: { x: 1 }, Next: 'Show' }], {
        Assign: { x: 2 },
        Default: 'Show',
      }),
      Show: show('$x'),
    },
    [],
  ],
  [
    'a rule reads it in its condition',
    { Ask: choice([{ Condition: '{% $x > 1 %}', Next: 'End' }], { Default: 'End' }), End: show('1') },
    fails('Ask', 'x', 'Choices.0.Condition'),
  ],
  [
    'the state assigns it, its catcher does not',
    {
      Try: { Type: 'Task', Assign: { x: 1 }, Next: 'Show', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Show' }] },
      Show: show('$x'),
    },
    fails('Show', 'x'),
  ],
  [
    'the catcher assigns it too',
    {
      Try: {
        Type: 'Task',
        Assign: { x: 1 },
        Next: 'Show',
        Catch: [{ ErrorEquals: ['E'], Assign: { x: 0 }, Next: 'Show' }],
      },
      Show: show('$x'),
    },
    [],
  ],
  [
    'it is assigned only on the way back of a loop',
    {
      Ask: choice([{ Condition: '{% $states.input %}', Next: 'Again' }], { Default: 'Show' }),
      Again: assign({ x: 1 }, 'Ask'),
      Show: show('$x'),
    },
    fails('Show', 'x'),
  ],
  [
    'it is assigned before a loop',
    {
      First: assign({ x: 0 }, 'Ask'),
      Ask: choice([{ Condition: '{% $x > 5 %}', Next: 'Show' }], { Default: 'Again' }),
      Again: assign({ x: '{% $x + 1 %}' }, 'Ask'),
      Show: show('$x'),
    },
    [],
  ],
  [
    'inner scopes see what is outside',
    {
      First: assign({ x: 1 }, 'Both'),
      Both: {
        Type: 'Parallel',
        Branches: [
          machine({ Each: { Type: 'Map', ItemProcessor: machine({ Deep: show('$x') }), End: true } }),
          machine({ Other: assign({ y: '{% $x %}' }, 'End'), End: show('$y') }),
        ],
        Next: 'Show',
      },
      Show: show('$x'),
    },
    [],
  ],
  [
    'what a branch assigns does not leave it',
    {
      Both: { Type: 'Parallel', Branches: [machine({ In: assign({ x: 1 }, 'End'), End: show('$x') })], Next: 'Show' },
      Show: show('$x'),
    },
    fails('Show', 'x'),
  ],
  [
    'nor does one branch see what another assigns',
    {
      Both: {
        Type: 'Parallel',
        Branches: [machine({ In: assign({ x: 1 }, 'End'), End: show('$x') }), machine({ Show: show('$x') })],
      },
    },
    fails('Show', 'x'),
  ],
  [
    'what a Map assigns itself its iterations do not see',
    { Each: { Type: 'Map', Items: [1], Assign: { x: 1 }, ItemProcessor: machine({ Show: show('$x') }), End: true } },
    fails('Show', 'x'),
  ],
  [
    'Items and ItemSelector are read outside',
    {
      Each: {
        Type: 'Map',
        Items: '{% $x %}',
        ItemSelector: { a: '{% $y %}' },
        ItemProcessor: machine({ In: assign({ x: 1, y: 1 }, 'End'), End: show('1') }),
        End: true,
      },
    },
    [...fails('Each', 'x', 'Items'), ...fails('Each', 'y', 'ItemSelector.a')],
  ],
  ['the expression asks whether it is there', { Show: show('$exists($x) ? $x : 0') }, []],
  ['it asks for a member only', { Show: show('$exists($x.y) ? $x.y : 0') }, fails('Show', 'x')],
  [
    'a rule asks whether it is there',
    {
      Ask: choice([{ Condition: '{% $states.input and $exists($x) %}', Next: 'Show' }], { Default: 'End' }),
      Show: show('$x'),
      End: show('1'),
    },
    [],
  ],
  [
    'where the rule does not say so it may be missing',
    {
      Ask: choice([{ Condition: '{% $states.input or $exists($x) %}', Next: 'Show' }], { Default: 'End' }),
      Show: show('$x'),
      End: show('1'),
    },
    fails('Show', 'x'),
  ],
  [
    'names of the expression itself are no variables',
    {
      Show: show(
        '($x := 1; $f := function($y) { $x + $y }; $map([1], $f) ~> $sum; $states.input.a@$z.($z + $string($x)))',
      ),
    },
    [],
  ],
  ['a name given in a block does not leave it', { Show: show('($x := 1) + $x') }, fails('Show', 'x')],
])('%s', (_name, states, expected) => {
  expect(unassignedVariables(machine(states))).toEqual(expected);
});
