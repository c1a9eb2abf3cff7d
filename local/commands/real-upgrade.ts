import { setTimeout as delay } from 'node:timers/promises';
import pc from 'picocolors';
import { LocalAws } from '../local-aws';
import { hasCgroupV1 } from '../nodes/lab/check-host';
import { LabCluster } from '../nodes/lab/lab-cluster';
import { commandLine, type } from './command-line';
import type { CleanUp } from './interrupt';
import { temporaryFolder } from './start-local-cluster';
import { synthesiseFor } from './synthesise-for';

const CLUSTER = 'demo';
const [FROM, TO] = ['v1.36.3', 'v1.37.2'];

/** Upgrades a real control plane and a real worker, from the command line. What is missing of both versions is built first. */
export async function upgradeRealCluster(cleanUp: CleanUp): Promise<void> {
  const onProgress = (what: string) => console.log(pc.dim(what));
  const cluster = await LabCluster.up({
    ...{ name: CLUSTER, controlPlanes: 1, workers: 1, kubernetesVersion: FROM, imagesOf: [TO] },
    onProgress,
  });
  cleanUp.add(() => cluster.down());
  onProgress('synthesising the CDK app and starting the local AWS ...');
  const aws = await LocalAws.start({
    cloudAssembly: await synthesiseFor([CLUSTER], await temporaryFolder(cleanUp)),
    ...{ nodes: cluster.nodes, targetGroups: [cluster.targetGroup] },
  });
  cleanUp.add(() => aws.stop());
  const io = await commandLine(aws, {
    ...{ cluster: CLUSTER, loadBalancer: { settleSeconds: 1 } },
    // Of this machine, not of the cluster: the lab makes the same exception.
    upgrade: { exceptions: hasCgroupV1() ? ['cgroup-v1'] : [] },
  });
  const version = TO.slice(1);
  for (const command of [`plan upgrade ${CLUSTER} ${version}`, `upgrade ${CLUSTER} ${version} --yes`])
    await type({ ...io, pause: () => delay(1000) }, command);
  console.log(`\n${pc.bold('$ kubectl get nodes')}\n${await cluster.kubectl('get', 'nodes')}`);
}
