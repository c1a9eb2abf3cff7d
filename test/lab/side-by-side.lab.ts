import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Probe } from '../../local/nodes/lab/probe';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import { defaultLabFolder } from '../../local/nodes/lab/lab-folder';
import { until } from '../operations/helpers/world';
import { stateOf } from './helpers/node-state';
import { traces } from './helpers/traces';

const ONE = 'side-by-side-one';
const OTHER = 'side-by-side-other';
const SMALL = { controlPlanes: 1, workers: 0 };

/** Two clusters of the same size, with the same names and addresses; the other one comes up where one has crashed before. */
describe('clusters side by side', () => {
  let one: LabCluster;
  let other: LabCluster;
  let left: string[];

  beforeAll(async () => {
    left = await crash(OTHER);
    [one, other] = await Promise.all([
      LabCluster.up({ name: ONE, ...SMALL }),
      LabCluster.up({ name: OTHER, ...SMALL }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([one?.down(), other?.down()]);
    expect([...traces(ONE), ...traces(OTHER)]).toEqual([]);
  });

  const addresses = (cluster: LabCluster) =>
    cluster.kubectl(
      'get',
      'nodes',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name} {.status.addresses[*].address}{end}',
    );
  const notReady = (cluster: LabCluster) =>
    cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=30s');

  test('a crash left much behind, and up began with none of it', () => {
    expect(left).toEqual(
      expect.arrayContaining([`lab.${OTHER}`, `lab.${OTHER}.cp-1`, expect.stringMatching(/^process/)]),
    );
    expect(existsSync(marker(OTHER))).toBe(false);
    const processes = left.filter((trace) => trace.startsWith('process'));
    expect(traces(OTHER).filter((trace) => processes.includes(trace))).toEqual([]);
  });

  test('both are Ready, with the same names and addresses', async () => {
    expect(await notReady(one)).toContain('node/cp-1 condition met');
    expect(await notReady(other)).toContain('node/cp-1 condition met');
    expect(await addresses(one)).toBe('cp-1 10.87.0.11 cp-1');
    expect(await addresses(other)).toBe(await addresses(one));
  });

  test('what is in one is not in the other', async () => {
    await one.kubectl('create', 'namespace', 'only-here');
    expect(await one.kubectl('get', 'namespaces', '-o', 'name')).toContain('namespace/only-here');
    expect(await other.kubectl('get', 'namespaces', '-o', 'name')).not.toContain('only-here');
  });

  test('one is taken down: the other does not notice', async () => {
    const [before, kept] = [await stateOf(one.node('cp-1')), traces(ONE)];
    const watched = Probe.ofApi(one.plan);
    await until('it is asked', () => watched.requests > 0);
    await other.down();
    const [during, gone] = [watched.requests, traces(OTHER)];
    await until('it is asked after that, too', () => watched.requests >= during + 10);
    const probe = await watched.stop();
    expect(gone).toEqual([]);
    expect(probe.failures).toEqual([]);
    expect(traces(ONE)).toEqual(expect.arrayContaining(kept.filter((trace) => !trace.startsWith('process'))));
    expect(await stateOf(one.node('cp-1'))).toEqual(before);
  });
});

test('an owner that is killed takes its cluster with it', async () => {
  const name = 'side-by-side-orphan';
  const owner = await begin(name);
  expect(traces(name)).not.toEqual([]);
  owner.kill('SIGKILL');
  await until('everything of it is gone', () => traces(name).length === 0);
});

/** On the disk of a node, as this machine sees it. */
const marker = (cluster: string) => join(defaultLabFolder(), 'clusters', cluster, 'nodes/cp-1/upper/before-the-crash');

/** Starts a process that brings up a cluster. Resolves in the middle of it. */
async function begin(name: string) {
  const up = join(__dirname, 'helpers/up-and-stay.ts');
  const owner = spawn(process.execPath, ['--import', 'tsx', up, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const said of owner.stdout) if (String(said).includes('kubeadm init')) break;
  return owner;
}

/** A cluster whose owner and whose guard are killed in the middle of `up`. @returns what it left behind */
async function crash(name: string): Promise<string[]> {
  const owner = await begin(name);
  writeFileSync(marker(name), '');
  const ended = once(owner, 'exit');
  process.kill(guardOf(owner.pid!), 'SIGKILL');
  owner.kill('SIGKILL');
  await ended;
  return traces(name);
}

/** Empty when the process or thread has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function guardOf(owner: number): number {
  const children = readdirSync(`/proc/${owner}/task`).flatMap((thread) =>
    read(`/proc/${owner}/task/${thread}/children`).split(' ').filter(Boolean),
  );
  const guard = children.find((pid) => read(`/proc/${pid}/cmdline`).includes('cluster-guard'));
  if (!guard) throw new Error(`Process ${owner} has no guard among its children ${children.join(', ')}.`);
  return Number(guard);
}
