import { createHash } from 'node:crypto';
import fc from '../../helpers/property';
import { Engine } from './engine';

async function evaluate(expression: string, input: unknown = {}): Promise<unknown> {
  const ran = await new Engine().run(
    { Show: { Type: 'Pass', Output: { value: `{% ${expression} %}` }, End: true } },
    input,
  );
  if (ran.status !== 'SUCCEEDED') throw new Error(ran.cause);
  return ran.result.value;
}

describe('functions that Step Functions adds', () => {
  test.each<[string, unknown]>([
    ['$partition([1..5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([], 3)', []],
    ['$range(0, 10, 5)', [0, 5, 10]],
    ['$range(1, 10, 4)', [1, 5, 9]],
    ['$range(3, 1, -1)', [3, 2, 1]],
    // As recorded on AWS: a sequence of JSONata, unlike $partition.
    ['$range(1, 9, 9)', 1],
    ['[$range(1, 9, 9)]', [1]],
    ['$count($range(1, 9, 9))', 1],
    ['$partition([0], 1)', [[0]]],
    ['[$range(2, 1, 1)]', []],
    ['$parse(\'{"a":[1,{"b":null}]}\')', { a: [1, { b: null }] }],
    ['$parse("3")', 3],
    ['$hash("input data", "SHA-1")', createHash('sha1').update('input data').digest('hex')],
    ['$hash("ü", "SHA-256")', createHash('sha256').update('ü', 'utf8').digest('hex')],
  ])('%s', async (expression, expected) => {
    expect(await evaluate(expression)).toEqual(expected);
  });

  test('$range of no element yields nothing', async () => {
    await expect(evaluate('$range(2, 1, 1)')).rejects.toThrow('returned nothing (undefined)');
  });

  test('$uuid and $random', async () => {
    expect(await evaluate('$uuid()')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await evaluate('[$random(7) = $random(7), $random(7) != $random(8)]')).toEqual([true, true]);
    const numbers = (await evaluate('[1..50].$random($)')) as number[];
    for (const number of [...numbers, (await evaluate('$random()')) as number]) {
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThan(1);
    }
  });

  test.each(['$hash("x", "CRC")', '$range(1, 2, 0)', '$partition([1], 0)', '$parse("{")'])(
    '%s fails',
    async (expression) => {
      await expect(evaluate(expression)).rejects.toThrow('threw an error during evaluation');
    },
  );

  test('$now and $millis follow the clock', async () => {
    const engine = new Engine();
    engine.clock.advance(10 * 86_400_000);
    const before = engine.clock.now().getTime();
    const { result } = await engine.run({
      Show: {
        Type: 'Pass',
        Output: { ms: '{% $millis() %}', now: '{% $now() %}', day: "{% $now('[Y0001]-[M01]-[D01]') %}" },
        End: true,
      },
    });
    expect(result.ms).toBeGreaterThanOrEqual(before);
    expect(Date.parse(result.now)).toBeGreaterThanOrEqual(before);
    expect(result.day).toBe(result.now.slice(0, 10));
  });
});

describe('JSONata', () => {
  const nodes = {
    nodes: [
      { name: 'cp-1', ok: true },
      { name: 'cp-2', ok: false },
    ],
  };

  test.each<[string, unknown]>([
    ['$states.input.nodes[ok].name', 'cp-1'],
    ['[$states.input.nodes[ok].name]', ['cp-1']],
    ['$states.input.nodes.name', ['cp-1', 'cp-2']],
    ['[$states.input.nodes[name = "none"]]', []],
    [
      '$states.input.nodes.{"n": $.name, "first": %.nodes[0].name}',
      [
        { n: 'cp-1', first: 'cp-1' },
        { n: 'cp-2', first: 'cp-1' },
      ],
    ],
    ['$map($states.input.nodes, function($node, $i) { $node.name & $i })', ['cp-10', 'cp-21']],
    ['$states.input.nodes ~> $filter(function($n) { $n.ok }) ~> $count', 1],
    ['($double := function($x) { $x * 2 }; $double(21))', 42],
    ['$states.input.nodes{name: ok}', { 'cp-1': true, 'cp-2': false }],
    ['$states.input.nodes^(>name).name', ['cp-2', 'cp-1']],
    ['$exists($states.input.none) ? 1 : 2', 2],
    ['$exists($states.input.nodes) ? $states.input.nodes[0].name : 2', 'cp-1'],
    ['$states.input.nodes ? $states.input.nodes[1].name : 2', 'cp-2'],
    ['$reduce([1..4], function($sum, $n) { $sum + $n })', 10],
    [
      '$states.input ~> |nodes|{"ok": true}|',
      {
        nodes: [
          { name: 'cp-1', ok: true },
          { name: 'cp-2', ok: true },
        ],
      },
    ],
    ['{"gone": $states.input.none, "kept": 1}', { kept: 1 }],
    ['$states.input.nodes@$n.$n.name', ['cp-1', 'cp-2']],
  ])('%s', async (expression, expected) => {
    expect(await evaluate(expression, nodes)).toEqual(expected);
  });

  test('any JSON goes through a state unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const json = JSON.parse(JSON.stringify(value)) as unknown;
        const { result } = await new Engine().run(
          { Keep: { Type: 'Pass', Output: '{% {"in": $states.input} %}', End: true } },
          json,
        );
        expect(result).toEqual({ in: json });
      }),
      { numRuns: 50, examples: [[{ ['__proto__']: [] }]] },
    );
  });

  test('a template mixes literals and expressions; braces inside a text are no expression', async () => {
    const { result } = await new Engine().run(
      {
        Show: {
          Type: 'Pass',
          Output: { a: ['{% $states.input.x %}', 'text {% 1 %}', 2, null], b: { c: '{%$states.input.x + 1%}' } },
          End: true,
        },
      },
      { x: 1 },
    );
    expect(result).toEqual({ a: [1, 'text {% 1 %}', 2, null], b: { c: 2 } });
  });
});
