import { RESULT_MARKER } from '../../lambdas/contracts/run-on-nodes';
import { CERTIFICATE_STEPS } from '../../lib/node-access/node-steps/certificates';
import { REPAIR_STEPS } from '../../lib/node-access/node-steps/repair';
import { deadCluster, expectWhole, scriptedDeadCluster } from './helpers/repair';
import { shapeOf } from './helpers/shape';
import { World } from './helpers/world';

/** What each kind of nodes answered in one world, as `step on node`, in order, with the shape of each answer. */
type Answers = [string, string[]][];

const answers = ({ lines }: World): Answers =>
  lines
    .filter(({ line }) => line.startsWith(RESULT_MARKER))
    .map(({ document, node, line }): [string, string[]] => [
      `${document} on ${node}`,
      shapeOf(JSON.parse(line.slice(RESULT_MARKER.length))),
    ]);

/** A dead cluster is checked, repaired, checked and renewed again. */
async function operate(world: World, cluster: string) {
  const check = await world.runWell('check-certificates', { cluster });
  const repair = await world.end(check.output.nextExecutionArn);
  await world.runWell('check-certificates', { cluster, renew: false });
  const renewal = await world.end(await world.start('renew-certificates', { cluster, force: true }));
  return { repair, renewal };
}

// Steps of a backup and of an upgrade: answers.test.ts holds the scripted answers to the scripts' contracts.
test('scripted nodes answer the same operations as the scripts on simulated ones: the same steps, the same shapes', async () => {
  const scripted = await World.startScripted();
  const simulated = await World.start();
  try {
    const inMemory = scriptedDeadCluster(scripted, { controlPlanes: 1 });
    const onDisk = await deadCluster(simulated, { controlPlanes: 1 });
    const operations = await Promise.all([operate(scripted, inMemory.name), operate(simulated, onDisk.name)]);
    expectWhole(onDisk, operations[1].repair);
    expect(inMemory.notReady).toEqual([]);
    expect(operations.map(({ renewal }) => renewal.status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(answers(scripted)).toEqual(answers(simulated));
    const steps = answers(scripted).map(([asked]) => asked.split(' ')[0]);
    expect([...new Set(steps)].sort()).toEqual(Object.keys({ ...CERTIFICATE_STEPS, ...REPAIR_STEPS }).sort());
  } finally {
    await Promise.all([scripted.stop(), simulated.stop()]);
  }
});
