import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedCluster } from '../../local/nodes/simulated';
import { FailingRepairs, expectNothingHeld } from './helpers/failing-repairs';
import { deadCluster, expectWhole } from './helpers/repair';
import { World, until } from './helpers/world';
import type { Ended } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());

const renew = (cluster: SimulatedCluster): Promise<Ended> => world.run('renew-certificates', { cluster: cluster.name });

/** All starts together have renewed the files once. Powers the cluster off. */
async function expectRepaired(cluster: SimulatedCluster, ended: Ended): Promise<void> {
  expectWhole(cluster, ended);
  const controlPlanes = cluster.nodes.filter(({ role }) => role === 'control-plane');
  const renewals = controlPlanes.map(({ name, calls }) => [
    name,
    calls.filter((call) => /kubeadm certs renew/.test(call)).length,
  ]);
  expect(renewals).toEqual(controlPlanes.map(({ name }) => [name, 1]));
  await cluster.stop();
}

/** Each state that calls a service fails in repair-failing-steps.test.ts. */
describe('whatever step fails, starting again finishes the repair', () => {
  describe('a step on one of three nodes', () => {
    let repairs: FailingRepairs<SimulatedCluster>;
    beforeAll(() => {
      repairs = new FailingRepairs(world, { make: () => deadCluster(world), renew, expectRepaired });
    });

    test.each([
      ['Restart etcd on all of them', 'crictl', 'pods * --name ^etcd-*'],
      ['Restart the API servers', 'crictl', 'pods * --name ^kube-apiserver-*'],
      ['Restart the rest and prove what is served', 'crictl', 'pods * --name ^kube-scheduler-*'],
    ])('"%s" fails, because %s %s does', async (state, tool, call) => {
      const [cluster, failed] = await repairs.failIn(state, async (cluster) => {
        const node = cluster.node('cp-2');
        node.addFault({ tool, arguments: call, action: 1, stderr: 'out of entropy' });
        const ended = await renew(cluster);
        rmSync(join(node.root, 'faults'), { recursive: true });
        return ended;
      });
      expect(failed).toMatchObject({
        status: 'FAILED',
        error: 'NodeStepFailed',
        cause: expect.stringContaining('cp-2'),
      });
      repairs.leave(cluster);
    });

    test('nothing fails any more', () => repairs.finish());
  });

  test('it is stopped by a person while etcd restarts everywhere', async () => {
    const cluster = await deadCluster(world);
    const since = world.lines.length;
    const arn = await world.start('renew-certificates', { cluster: cluster.name });
    await until('etcd restarts', () => world.lines.slice(since).some(({ line }) => line.includes('restart etcd')));
    await world.stopExecution(arn);
    await expectNothingHeld(world, cluster);
    // A script of the stopped operation may still be at work: then the next one says so.
    let again = await renew(cluster);
    for (let tries = 0; tries < 60 && again.error === 'GateRefused'; tries++) again = await renew(cluster);
    expectWhole(cluster, again);
  });
});
