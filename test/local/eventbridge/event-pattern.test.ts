import fc from '../../helpers/property';
import { eventPattern } from '../../../local/eventbridge/events/event-pattern';

const event = {
  source: 'aws.ssm',
  'detail-type': 'EC2 Command Status-change Notification',
  resources: ['arn:one', 'arn:two'],
  detail: {
    status: 'Success',
    code: 3,
    ratio: -0.5,
    done: true,
    nothing: null,
    empty: '',
    parameters: { Mode: ['quick', 'full'] },
    nodes: [
      { name: 'a', state: 'ok' },
      { name: 'b', state: 'bad' },
    ],
  },
};

const detail = (field: string, ...rules: unknown[]) => ({ detail: { [field]: rules } });

test.each<[object, boolean]>([
  // Exact values.
  [{ source: ['aws.ssm'] }, true],
  [{ source: ['aws.ec2', 'aws.ssm'] }, true],
  [{ source: ['aws.ec2'] }, false],
  [{ source: ['aws.ssm'], detail: { status: ['Failed'] } }, false],
  [detail('code', 3), true],
  [detail('code', '3'), false],
  [detail('done', true), true],
  [detail('nothing', null), true],
  [detail('status', null), false],
  [detail('empty', ''), true],
  [detail('absent', ''), false],
  // Lists in the event: one of them has to match.
  [{ resources: ['arn:two'] }, true],
  [{ detail: { parameters: { Mode: ['full'] } } }, true],
  [{ detail: { parameters: { Mode: ['slow'] } } }, false],
  // Objects in a list: one of them as a whole.
  [{ detail: { nodes: { name: ['a'], state: ['ok'] } } }, true],
  [{ detail: { nodes: { name: ['a'], state: ['bad'] } } }, false],
  // Text.
  [detail('status', { prefix: 'Succ' }), true],
  [detail('status', { prefix: 'succ' }), false],
  [detail('status', { prefix: { 'equals-ignore-case': 'sUCC' } }), true],
  [detail('status', { suffix: 'ess' }), true],
  [detail('status', { suffix: 'es' }), false],
  [detail('status', { suffix: { 'equals-ignore-case': 'ESS' } }), true],
  [detail('status', { 'equals-ignore-case': 'SUCCESS' }), true],
  [detail('status', { 'equals-ignore-case': 'SUCCES' }), false],
  [detail('status', { wildcard: 'S*c*s' }), true],
  [detail('status', { wildcard: 'S*x*' }), false],
  [detail('status', { wildcard: 'Succes.' }), false],
  [detail('code', { prefix: '3' }), false],
  // anything-but: the field has to be there.
  [detail('status', { 'anything-but': 'Failed' }), true],
  [detail('status', { 'anything-but': 'Success' }), false],
  [detail('status', { 'anything-but': ['Failed', 'Success'] }), false],
  [detail('code', { 'anything-but': [1, 2] }), true],
  [detail('code', { 'anything-but': 3 }), false],
  [detail('status', { 'anything-but': { prefix: 'Su' } }), false],
  [detail('status', { 'anything-but': { prefix: ['Fa', 'Ti'] } }), true],
  [detail('status', { 'anything-but': { suffix: 'ess' } }), false],
  [detail('status', { 'anything-but': { wildcard: '*ces*' } }), false],
  [detail('status', { 'anything-but': { 'equals-ignore-case': ['success'] } }), false],
  [detail('absent', { 'anything-but': 'x' }), false],
  // exists: leaves only.
  [detail('status', { exists: true }), true],
  [detail('absent', { exists: true }), false],
  [detail('absent', { exists: false }), true],
  [detail('status', { exists: false }), false],
  [detail('parameters', { exists: true }), false],
  [{ detail: { absent: { deeper: [{ exists: false }] } } }, true],
  [{ detail: { absent: { deeper: [{ exists: true }] } } }, false],
  // numeric.
  [detail('code', { numeric: ['=', 3] }), true],
  [detail('code', { numeric: ['>', 3] }), false],
  [detail('code', { numeric: ['>=', 3, '<', 4] }), true],
  [detail('code', { numeric: ['>', 0, '<=', 2] }), false],
  [detail('ratio', { numeric: ['<', 0] }), true],
  [detail('status', { numeric: ['>', 0] }), false],
  // Several rules for a field are alternatives.
  [detail('status', 'Failed', { prefix: 'Suc' }), true],
  [detail('absent', 'x', { exists: false }), true],
  // $or.
  [{ $or: [{ source: ['x'] }, { detail: { code: [{ numeric: ['>', 2] }] } }] }, true],
  [{ detail: { $or: [{ status: ['x'] }, { code: [4] }] } }, false],
  [{ source: ['aws.ssm'], detail: { $or: [{ status: ['Success'] }, { code: [4] }], done: [true] } }, true],
])('%j: %j', (pattern, expected) => {
  expect(eventPattern(pattern)(event)).toBe(expected);
});

test.each<[unknown, RegExp]>([
  [
    detail('status', { regex: '.*' }),
    /detail.status has the operator regex; the local EventBridge knows prefix, suffix/,
  ],
  [detail('status', { cidr: '10.0.0.0/24' }), /operator cidr/],
  [detail('status', { prefix: 3 }), /prefix of detail.status has to be a string/],
  [detail('status', { prefix: 'a', suffix: 'b' }), /2 operators/],
  [detail('status', { 'anything-but': { regex: 'x' } }), /operator regex/],
  [detail('status', { 'anything-but': [] }), /empty list/],
  [detail('status', { 'anything-but': [null] }), /takes strings and numbers, not null/],
  [detail('status', { exists: 'yes' }), /exists of detail.status/],
  [detail('status', { numeric: ['=='] }), /numeric of detail.status/],
  [detail('status', { numeric: ['!=', 3] }), /comparison !=/],
  [detail('status', { numeric: ['>', '3'] }), /"3", which is not a number/],
  [detail('status', { wildcard: 'a**b' }), /two \* in a row/],
  [detail('status', ['nested']), /a list within its list/],
  [{ source: 'aws.ssm' }, /source has to be an object/],
  [{ source: [] }, /the list of source is empty/],
  [{ detail: {} }, /detail is empty/],
  [{}, /the pattern is empty/],
  [[], /the pattern has to be an object/],
  [{ $or: [{ source: ['a'] }] }, /at least 2/],
  [{ source: [{ constructor: 'a' }] }, /operator constructor/],
  [{ source: [{ numeric: ['constructor', 1] }] }, /comparison constructor/],
])('%j is refused by name', (pattern, message) => {
  expect(() => eventPattern(pattern)).toThrow(message);
  expect(() => eventPattern(pattern)).toThrow(expect.objectContaining({ code: 'InvalidEventPatternException' }));
});

test('what every object inherits is no field of an event', () => {
  expect(eventPattern({ constructor: [{ exists: true }] })({ source: 'a' })).toBe(false);
});

test('a wildcard means the same as its parts in this order', () => {
  const part = fc.stringMatching(/^[ab.]{0,3}$/);
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), part, (parts, filler) => {
      const pattern = parts.join('*').replace(/\*+/g, '*');
      const matches = eventPattern({ a: [{ wildcard: pattern }] });
      expect(matches({ a: pattern.replaceAll('*', filler) })).toBe(true);
      expect(matches({ a: `c${pattern}` })).toBe(pattern.startsWith('*'));
    }),
  );
});
