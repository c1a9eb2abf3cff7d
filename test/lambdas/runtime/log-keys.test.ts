import * as z from 'zod';
import { logKeys } from '../../../lambdas/runtime/log-keys';
import { logger, parsePayload } from '../../../lambdas/runtime/lambda';

const node = { instanceId: 'i-0123456789abcdef0', name: 'cp-1' };

test.each<[string, unknown, object]>([
  ['an operation', { operation: 'upgrade', cluster: 'prod' }, { operation: 'upgrade', cluster: 'prod' }],
  ['a plan', { plan: { operation: 'upgrade', cluster: 'prod' } }, { operation: 'upgrade', cluster: 'prod' }],
  ['one node', { cluster: 'prod', node }, { cluster: 'prod', node: 'cp-1' }],
  [
    'a command',
    { document: 'kubeadm-autopilot-upgrade-kubelet', nodes: [node, { name: 'cp-2' }], lock: { cluster: 'prod' } },
    { cluster: 'prod', node: 'cp-1, cp-2', step: 'upgrade-kubelet' },
  ],
  ['a document of others', { document: 'AWS-RunShellScript' }, {}],
  ['all nodes of a cluster', { cluster: 'prod', nodes: [node] }, { cluster: 'prod' }],
  ['something else', 'prod', {}],
  ['nothing', null, {}],
])('%s', (_, payload, keys) => expect(logKeys(payload)).toEqual(keys));

test('the log lines of an invocation carry its own keys, and none of the one before', () => {
  const schema = z.looseObject({ cluster: z.string() });
  parsePayload(schema, { cluster: 'prod', node });
  expect(logger.getPersistentLogAttributes()).toEqual({});
  expect(attributes()).toMatchObject({ cluster: 'prod', node: 'cp-1' });
  parsePayload(schema, { cluster: 'dev' });
  expect(attributes()).toMatchObject({ cluster: 'dev' });
  expect(attributes()).not.toHaveProperty('node');
});

/** A log line as CloudWatch gets it. */
function attributes(): Record<string, unknown> {
  const lines: string[] = [];
  const write = jest.spyOn(logger['console'], 'info').mockImplementation((line) => void lines.push(String(line)));
  logger.info('Anything');
  write.mockRestore();
  return JSON.parse(lines[0]!) as Record<string, unknown>;
}
