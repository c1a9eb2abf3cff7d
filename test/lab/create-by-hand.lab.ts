import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { table } from '../../cli/output/text';
import { clusterParameterName } from '../../lambdas/contracts/cluster-config';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import { World } from '../operations/helpers/world';
import { createSettings, putManifest } from './helpers/create-settings';
import { INSTALLED_FROM } from './helpers/kubernetes-version';
import { runNodeScript } from './helpers/node-script';
import { slowStates } from './helpers/slow-states';

const LIMIT_SECONDS = 600;

/** Three control planes and two workers, from bare machines to all nodes Ready: by one execution, then with kubeadm by hand, on one machine. */
describe('a cluster that is created beside one that is made by hand', () => {
  const seconds: Record<string, number> = {};
  const ready: Record<string, string> = {};

  beforeAll(async () => {
    await onMachines('operation', async (cluster) => {
      const took = await byOperation(cluster);
      seconds['operation, until every node is Ready'] = took.ready;
      seconds['operation, until pods and DNS are proven on each'] = took.proven;
    });
    await onMachines('kubeadm', async (cluster) => {
      const began = performance.now();
      await installByHand(cluster);
      seconds['by hand, until packages are installed'] = (performance.now() - began) / 1000;
      await cluster.createWithKubeadm();
      seconds['by hand, until every node is Ready'] = (performance.now() - began) / 1000;
    });
    console.log(
      table(
        ['created by', 'seconds'],
        Object.entries(seconds).map(([name, took]) => [name, String(Math.round(took))]),
      ),
    );
  });

  async function onMachines(name: string, create: (cluster: LabCluster) => Promise<void>): Promise<void> {
    const cluster = await LabCluster.up({
      ...{ name: `create-by-hand-${name}`, controlPlanes: 3, workers: 2, kubernetesVersion: INSTALLED_FROM },
      bare: true,
    });
    try {
      await create(cluster);
      const jsonpath = '{range .items[*]}{.status.conditions[?(@.type=="Ready")].status} {end}';
      ready[name] = await cluster.kubectl('get', 'nodes', '-o', `jsonpath=${jsonpath}`);
    } finally {
      await cluster.down();
    }
  }

  test.each(['operation', 'kubeadm'])('every node is Ready: %s', (name) => {
    expect(ready[name]).toBe('True '.repeat(5));
  });
});

/** The app is deployed before; what is measured is its execution. */
async function byOperation(cluster: LabCluster): Promise<{ ready: number; proven: number }> {
  await putManifest(cluster);
  const world = await World.start();
  try {
    world.nodes.push(...cluster.nodes);
    world.targetGroups.push(cluster.targetGroup);
    await world.ssm.send(
      new PutParameterCommand({
        Name: clusterParameterName(cluster.name),
        Value: JSON.stringify({ cluster: cluster.name, kubernetes: createSettings(cluster, INSTALLED_FROM) }),
        Type: 'String',
        Overwrite: true,
      }),
    );
    const arn = await world.start('create-cluster', { cluster: cluster.name });
    const { status, cause } = await world.endUnhurried(arn);
    console.log((await slowStates(world, arn)).join('\n'));
    expect(`${status} ${cause ?? ''}`.trim()).toBe('SUCCEEDED');
    // The latest first.
    const history = await world.history(arn);
    const areReady = history.find(({ stateExitedEventDetails: left }) => left?.name === 'Is every node Ready?');
    const since = ({ timestamp }: { timestamp?: Date | undefined }) =>
      (timestamp!.getTime() - history.at(-1)!.timestamp!.getTime()) / 1000;
    return { ready: since(areReady!), proven: since(history[0]!) };
  } finally {
    await world.stop();
  }
}

async function installByHand(cluster: LabCluster): Promise<void> {
  const parameters = { VERSION: INSTALLED_FROM.slice(1) };
  await Promise.all(cluster.nodes.map((node) => runNodeScript(node, 'install-by-hand', parameters, LIMIT_SECONDS)));
}
