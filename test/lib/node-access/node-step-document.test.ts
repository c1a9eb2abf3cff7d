import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { NODE_STEPS } from '../../../lib/node-access/node-steps';
import { nodeStepScript } from '../../../lib/node-access/node-step-document';
import { resourcesOf } from '../../helpers/template';

interface Document {
  schemaVersion: string;
  parameters: Record<string, { type: string; allowedPattern?: string; interpolationType?: string; default?: string }>;
  mainSteps: {
    action: string;
    precondition: unknown;
    inputs: { timeoutSeconds: string; runCommand: string[] };
  }[];
}

const documents = Object.values(
  resourcesOf<{ Name: string; UpdateMethod: string; Content: Document }>('AWS::SSM::Document'),
);
const cases = documents.map((document) => [document.Name.replace('kubeadm-autopilot-', ''), document] as const);

test('every script in scripts/ is in the catalogue and has a document, and none else', () => {
  const scripts = readdirSync(resolve(__dirname, '../../../scripts'))
    .filter((name) => name.endsWith('.sh'))
    .map((name) => name.replace('.sh', ''));
  expect(cases.map(([name]) => name).sort()).toEqual(scripts.sort());
  expect(Object.keys(NODE_STEPS).sort()).toEqual(scripts);
});

describe.each(cases)('the document of %s', (name, { Content: document, UpdateMethod }) => {
  const step = document.mainSteps[0]!;
  const script = step.inputs.runCommand.join('\n');
  const { TaskToken: token, ...parameters } = document.parameters;

  test('is one shell step of schema 2.2 for Linux', () => {
    expect(document.schemaVersion).toBe('2.2');
    expect(UpdateMethod).toBe('NewVersion');
    expect(document.mainSteps).toHaveLength(1);
    expect(step).toMatchObject({
      action: 'aws:runShellScript',
      precondition: { StringEquals: ['platformType', 'Linux'] },
      inputs: { timeoutSeconds: String(NODE_STEPS[name as keyof typeof NODE_STEPS].executionSeconds) },
    });
  });

  test('has a time limit that the agent does not silently turn into an hour', () => {
    const seconds = Number(step.inputs.timeoutSeconds);
    expect(seconds).toBeGreaterThanOrEqual(5);
    expect(seconds).toBeLessThanOrEqual(172_800);
  });

  test('takes its parameters as environment variables, each with an anchored pattern', () => {
    for (const [parameter, { type, interpolationType, allowedPattern }] of Object.entries(parameters)) {
      expect(parameter).toMatch(/^[A-Za-z][A-Za-z0-9]*$/);
      expect({ type, interpolationType }).toEqual({ type: 'String', interpolationType: 'ENV_VAR' });
      expect(allowedPattern).toMatch(/^\^.*\$$/);
    }
    // No pattern, because the script never sees it.
    expect(token).toEqual({ type: 'String', description: expect.any(String), default: 'none' });
    expect(script).not.toContain('TaskToken');
  });

  test('has nothing that SSM would take for a parameter', () => {
    expect(JSON.stringify(document)).not.toContain('{{');
  });

  test('begins with the shebang and says which step it is and how long it may take', () => {
    const limit = Number(step.inputs.timeoutSeconds) - 30;
    expect(step.inputs.runCommand.slice(0, 2)).toEqual([
      '#!/bin/bash',
      `readonly NODE_STEP=${name} NODE_STEP_TIME_LIMIT=${limit}`,
    ]);
  });

  test('is bash, with all libraries put in', () => {
    expect(script).not.toContain('BASH_SOURCE');
    expect(() => execFileSync('bash', ['-n'], { input: script, stdio: 'pipe' })).not.toThrow();
  });

  test('is small enough for SSM', () => {
    expect(Buffer.byteLength(JSON.stringify(document))).toBeLessThan(60 * 1024);
  });
});

describe('patterns', () => {
  const patterns = Object.entries(NODE_STEPS).flatMap(([step, { parameters }]) =>
    Object.entries(parameters as Record<string, string>).map(
      ([parameter, pattern]) => [step, parameter, pattern] as const,
    ),
  );
  const GOOD: Record<string, string[]> = {
    Inventory: ['yes', 'no'],
    Force: ['yes', 'no'],
    AdminKubeconfigs: ['none', '/home/ops/.kube/config', '/a,/b/c-d_e.conf'],
    Until: ['files', 'etcd', 'kube-apiserver', 'all'],
    Secret: ['/kubeadm-autopilot/secrets/demo/bootstrap-token'],
    Wait: ['yes', 'no'],
    Action: ['create', 'delete'],
    Absent: ['0', '1', '1000'],
  };
  const BAD = [
    '',
    ' ',
    'yes; id',
    '$(id)',
    '`id`',
    'yes\nid',
    'yes\n',
    "'",
    '"',
    'a|b',
    '/a b',
    '/a;id',
    '/a,$HOME',
    '/a,',
    '../a',
    '/a\n/b',
    '&',
    '>',
  ];

  test.each(patterns)('%s takes the values of %s that it should', (_step, parameter, pattern) => {
    expect(GOOD[parameter]).toBeDefined();
    for (const value of GOOD[parameter]!) expect(value).toMatch(new RegExp(pattern));
  });

  test.each(
    patterns.flatMap(([step, parameter, pattern]) => BAD.map((value) => [step, parameter, value, pattern] as const)),
  )('%s: %s does not take %j', (_step, _parameter, value, pattern) => {
    expect(value).not.toMatch(new RegExp(pattern));
  });

  test.each(patterns)(
    '%s: %s is a pattern for Go, which allows no repetition over 1000',
    (_step, _parameter, pattern) => {
      expect(pattern).not.toMatch(/\{\d|\\[sdw]|\(\?/);
    },
  );
});

describe('a script that does not keep to the contract', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'scripts-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = (text: string) => {
    writeFileSync(join(folder, 'check-certificates.sh'), text);
    return nodeStepScript('check-certificates', folder);
  };

  test.each([
    ['#!/bin/sh\n', 'must begin with the line #!/bin/bash'],
    ['#!/bin/bash\necho "{{ x }}"\n', 'two opening braces in a row'],
    ['#!/bin/bash\ncat <<EOF\n# x\nEOF\n', 'here-document'],
  ])('%j is refused', (text, reason) => {
    expect(() => read(text)).toThrow(reason);
  });

  test('comments and empty lines are left out, all else stays as it is', () => {
    expect(read('#!/bin/bash\n# why\nset -eu\n\n  # more\n  echo "#no comment" # end\n')).toBe(
      '#!/bin/bash\nreadonly NODE_STEP=check-certificates NODE_STEP_TIME_LIMIT=150\nset -eu\n  echo "#no comment" # end\n',
    );
  });
});
