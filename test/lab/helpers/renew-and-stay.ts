import { LabCluster } from '../../../local/nodes/lab/lab-cluster';
import { World } from '../../operations/helpers/world';

/** The whole orchestrator, to be killed: a local AWS of its own renews a cluster and tells each line that a node's script prints. */
async function renewAndStay(cluster: string): Promise<void> {
  const { nodes } = await LabCluster.open(cluster);
  const world = await World.start();
  world.nodes.push(...nodes);
  world.onLine = ({ node, document, line }) => console.log(`${node} ${document} ${line}`);
  const { status, cause } = await world.run('renew-certificates', { cluster, force: true });
  console.log(`ended: ${status} ${cause ?? ''}`);
}

void renewAndStay(process.argv[2]!);
