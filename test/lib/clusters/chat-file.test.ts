import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterConfig } from '../../../lambdas/contracts/cluster-config';
import { readChat } from '../../../lib/clusters/chat-file';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'chat-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const prod = clusterConfig.parse({ cluster: 'prod', chat: { rights: [{ allow: ['look'], webhooks: ['ci'] }] } });
function read(text: string | undefined, clusters = [] as (typeof prod)[]) {
  const path = join(folder, 'chat.yaml');
  if (text !== undefined) writeFileSync(path, text);
  return readChat(path, clusters);
}
const SECRET = '/kubeadm-autopilot/chat/ci';

test('without the file there is no chat; with a workspace alone the secrets have their usual names', () => {
  expect(read(undefined)).toBeUndefined();
  expect(read('slack: {workspace: T0123ABCD}\n')).toEqual({
    slack: {
      workspace: 'T0123ABCD',
      signingSecret: '/kubeadm-autopilot/chat/slack-signing-secret',
      botToken: '/kubeadm-autopilot/chat/slack-bot-token',
    },
    webhooks: [],
  });
  expect(read(`webhooks: [{name: ci, secret: ${SECRET}}]\n`, [prod])?.webhooks).toHaveLength(1);
});

test.each<[string, string | undefined, string]>([
  [
    'a name in place of the id',
    'slack: {workspace: acme}\n',
    'slack.workspace is "acme"; it must be a workspace\'s id',
  ],
  [
    'the secret itself',
    'slack: {workspace: T0123ABCD, botToken: xoxb-1}\n',
    'it must be the name of a SecureString parameter',
  ],
  [
    'a secret from elsewhere',
    'webhooks: [{name: ci, secret: /prod/database}]\n',
    'it must be the name of a SecureString',
  ],
  [
    'an unknown field',
    'slack: {workspace: T0123ABCD, token: x}\n',
    'slack.token is not a setting; allowed in slack: workspace',
  ],
  [
    'one secret for two',
    `webhooks: [{name: ci, secret: ${SECRET}}, {name: b, secret: ${SECRET}}]\n`,
    'webhooks.1.secret is',
  ],
  [
    'one name twice',
    `webhooks: [{name: ci, secret: ${SECRET}}, {name: ci, secret: ${SECRET}2}]\n`,
    'webhooks.1.name is "ci"',
  ],
  ['no YAML', 'slack: [\n', 'not YAML'],
  ['a rule for an unknown webhook', 'webhooks: []\n', 'clusters/prod.yaml: chat.rights names the webhook "ci"'],
  ['a rule for a webhook, and no file', undefined, 'clusters/prod.yaml: chat.rights names the webhook "ci"'],
])('%s: a sentence', (_what, text, sentence) => {
  expect(() => read(text, [prod])).toThrow(sentence);
});
