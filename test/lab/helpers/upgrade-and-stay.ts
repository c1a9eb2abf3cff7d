import { LabCluster } from '../../../local/nodes/lab/lab-cluster';
import { World } from '../../operations/helpers/world';
import { upgradeSettings } from './upgrade-settings';

/** The whole orchestrator, to be killed: a local AWS of its own upgrades a cluster and tells each line that a node's script prints. */
async function upgradeAndStay(cluster: string, version: string): Promise<void> {
  const { nodes, targetGroup } = await LabCluster.open(cluster);
  const world = await World.start();
  world.nodes.push(...nodes);
  world.targetGroups.push(targetGroup);
  world.onLine = ({ node, document, line }) => console.log(`${node} ${document} ${line}`);
  await upgradeSettings(world, cluster);
  const { status, cause } = await world.endUnhurried(await world.start('upgrade', { cluster, version }));
  console.log(`ended: ${status} ${cause ?? ''}`);
}

void upgradeAndStay(process.argv[2]!, process.argv[3]!);
