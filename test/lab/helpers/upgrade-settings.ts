import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { clusterParameterName } from '../../../lambdas/contracts/cluster-config';
import { hasCgroupV1 } from '../../../local/nodes/lab/check-host';
import type { World } from '../../operations/helpers/world';

/** A cluster's settings as `cdk deploy` writes them, with the exception that this machine needs. @param upgrade what else is in `upgrade` */
export async function upgradeSettings(world: World, cluster: string, upgrade: object = {}): Promise<void> {
  const exceptions = hasCgroupV1() ? ['cgroup-v1'] : [];
  await world.ssm.send(
    new PutParameterCommand({
      Name: clusterParameterName(cluster),
      Value: JSON.stringify({ cluster, upgrade: { exceptions, ...upgrade } }),
      Type: 'String',
      Overwrite: true,
    }),
  );
}
