import { GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { operationReport, reportKey, type OperationReport } from '../../lambdas/contracts/operation-report';
import { VirtualClock } from '../../local/virtual-clock';
import { addRoles, as, waiting, wantApproval } from '../../test/operations/helpers/approvals';
import { cluster as upgradable, TARGET } from '../../test/operations/helpers/upgrades';
import { World } from '../../test/operations/helpers/world';

const CLUSTER = 'prod';
/** About what the lab has measured. */
const SECONDS: Record<string, number> = {
  'inspect-for-upgrade': 6,
  'drain-node': 20,
  'stage-upgrade': 35,
  'upgrade-kubelet': 30,
  'upgrade-kubeadm': 75,
  'raise-etcd': 25,
};

/** An upgrade from beginning to end in the app as it is, on the local AWS: asked for by Alice, approved by Bob. @returns its report */
export async function runExample(): Promise<OperationReport> {
  const world = await World.start(addRoles, new VirtualClock());
  try {
    const nodes = upgradable(world, CLUSTER, { controlPlanes: 3, workers: 4, groups: ['blue', 'green'] });
    for (const [index, name] of ['cart', 'cart', 'checkout', 'search', 'search', 'images', 'mail'].entries())
      nodes.kubernetes.pods.push({ name: `shop/${name}-${index}`, node: `worker-${(index % 4) + 1}` });
    nodes.secondsOf = ({ step }) => SECONDS[step] ?? 2;
    await wantApproval(world, CLUSTER, {}, { loadBalancer: { settleSeconds: 10 } });
    const [alice, bob] = await Promise.all([as(world, 'Alice'), as(world, 'Bob')]);
    const parameters = { cluster: CLUSTER, operation: 'upgrade' } as const;
    const { id } = await alice.call('startOperation', { parameters, body: { version: TARGET } });
    const { digest } = await waiting(world, bob, id);
    world.aws.clock.advance(90_000);
    await bob.call('approveOperation', { parameters: { id }, body: { digest } });
    return await written(world, id);
  } finally {
    await world.stop();
  }
}

/** As the app itself has kept it. */
async function written(world: World, id: string): Promise<OperationReport> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const s3 = new S3Client({ endpoint: world.aws.endpoint, region: 'eu-central-1', credentials });
  const at = {
    Bucket: world.aws.physicalId('Autopilot/OperationsBucket/Bucket'),
    Key: `${reportKey(CLUSTER, id)}.json`,
  };
  let report: OperationReport | undefined;
  await world.passUntil(async () => {
    try {
      const { Body: body } = await s3.send(new GetObjectCommand(at));
      report = operationReport.parse(JSON.parse(await body!.transformToString()));
    } catch (error) {
      if (!(error instanceof NoSuchKey)) throw error;
    }
    return report !== undefined;
  });
  s3.destroy();
  return report!;
}
