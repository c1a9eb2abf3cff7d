import type { Scope } from '../../../local/cloud-assembly/intrinsics';
import { referencesOf, resolve } from '../../../local/cloud-assembly/intrinsics';
import { resourceOrder } from '../../../local/cloud-assembly/resource-order';

const scope: Scope = {
  ref: (name) => `<${name}>`,
  getAtt: (logicalId, attribute) => `<${logicalId}/${attribute}>`,
  condition: (name) => name === 'Yes',
  mapping: (map, first, second) => `${map}:${first}:${second}`,
};

test.each<[string, unknown, unknown]>([
  ['plain values stay', { a: [1, true, null, 'x'], b: {} }, { a: [1, true, null, 'x'], b: {} }],
  ['Ref', { Ref: 'A' }, '<A>'],
  ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['A', 'Arn'] }, '<A/Arn>'],
  ['Fn::GetAtt as text', { 'Fn::GetAtt': 'A.B.C' }, '<A/B.C>'],
  ['Fn::Sub', { 'Fn::Sub': '${A}-${A.Arn}-${AWS::Region}-${!Literal}' }, '<A>-<A/Arn>-<AWS::Region>-${Literal}'],
  ['Fn::Sub with values of its own', { 'Fn::Sub': ['${x}/${A}', { x: { Ref: 'B' } }] }, '<B>/<A>'],
  ['Fn::Join', { 'Fn::Join': ['/', ['a', { Ref: 'A' }, 7]] }, 'a/<A>/7'],
  ['Fn::Select of Fn::Split', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
  ['Fn::If', { 'Fn::If': ['Yes', { Ref: 'A' }, 'no'] }, '<A>'],
  ['Fn::If, the other way', { 'Fn::If': ['No', { Ref: 'A' }, 'no'] }, 'no'],
  ['AWS::NoValue takes its property away', { a: 1, b: { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] } }, { a: 1 }],
  ['AWS::NoValue takes its list item away', [1, { Ref: 'AWS::NoValue' }, 2], [1, 2]],
  ['Fn::FindInMap', { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'k'] }, 'M:<AWS::Region>:k'],
  [
    'conditions',
    {
      'Fn::And': [
        { 'Fn::Equals': ['a', 'a'] },
        { 'Fn::Not': [{ Condition: 'No' }] },
        { 'Fn::Or': [false, { Condition: 'Yes' }] },
      ],
    },
    true,
  ],
  [
    'a property that is called Condition',
    { Condition: { StringEquals: { a: 'b' } } },
    { Condition: { StringEquals: { a: 'b' } } },
  ],
  ['two keys are no function', { Ref: 'A', other: 1 }, { Ref: 'A', other: 1 }],
])('%s', (_what, value, expected) => {
  expect(resolve(value, scope, 'here')).toEqual(expected);
});

test.each<[unknown, RegExp]>([
  [{ 'Fn::ImportValue': 'x' }, /does not support the function Fn::ImportValue; it knows Ref/],
  [{ 'Fn::Select': [3, ['a']] }, /here: Fn::Select asks for item 3 of 1/],
  [{ 'Fn::Join': ['', [{ a: 1 }]] }, /here: expected text, got {"a":1}/],
])('%j is an error', (value, message) => {
  expect(() => resolve(value, scope, 'here')).toThrow(message);
});

test('references are found wherever they are', () => {
  const value = {
    a: [{ Ref: 'A' }],
    b: { 'Fn::GetAtt': 'B.Arn' },
    c: { 'Fn::Sub': ['${C.Arn}${!no}${x}', { x: { Ref: 'D' } }] },
  };
  expect([...referencesOf(value)].sort()).toEqual(['A', 'B', 'C', 'D', 'x']);
});

test('resources come after what they refer to and depend on', () => {
  const resource = (Properties: Record<string, unknown>, DependsOn?: string | string[]) => ({
    Type: 'T',
    Properties,
    ...(DependsOn && { DependsOn }),
  });
  expect(
    resourceOrder({
      A: resource({ x: { Ref: 'B' } }),
      B: resource({}, ['C']),
      C: resource({ r: { Ref: 'AWS::Region' } }),
      D: resource({}, 'A'),
    }),
  ).toEqual(['C', 'B', 'A', 'D']);
});

test('a circle is told', () => {
  const resources = { A: { Type: 'T', Properties: { x: { Ref: 'B' } } }, B: { Type: 'T', DependsOn: 'A' } };
  expect(() => resourceOrder(resources)).toThrow('A → B → A');
});
