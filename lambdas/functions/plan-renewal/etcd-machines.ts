import type { ClusterConfig } from '../../contracts/cluster-config';
import { certificateInventory } from '../../contracts/node-steps';
import type { RenewalPlan } from '../../contracts/renewal';
import type { NodeResult } from '../../contracts/run-on-nodes';
import { certificateExpiries } from '../../domain/certificates/expiries';
import { predictGains } from '../../domain/certificates/predict-gains';
import { thresholdOf } from '../../domain/certificates/threshold';
import { byName, parseResults, type ControlPlane } from '../../domain/nodes/answers';
import { ETCD_SECONDS } from './predict-renewal';
import { RENEW } from './control-planes';

/**
 * Members of an external etcd whose certificates are renewed before those of the control planes: where kubeadm made them and the key of their CA is
 * on the machine, as this app has it. They come along when control planes are renewed, and alone where they are due.
 * @param facts inventories of the cluster's etcd nodes
 */
export function planEtcdMachines(
  facts: NodeResult[],
  controlPlanes: ControlPlane[],
  comeAlong: boolean,
  { certificates: { thresholdDays } }: ClusterConfig,
  force: boolean,
  now: Date,
): RenewalPlan['etcd'] {
  if (!controlPlanes.some(({ value }) => value.etcd.topology === 'external')) return [];
  return parseResults(certificateInventory, facts)
    .answers.sort(byName)
    .flatMap(({ instanceId, name, value }) => {
      const certificates = predictGains(value, force, now);
      const rowOf = new Map(value.certificates.map((row) => [row.name, row]));
      const isDue = certificateExpiries(name, value, now).some(
        ({ certificate, secondsLeft }) =>
          certificates.renewed.includes(certificate) &&
          secondsLeft < thresholdOf(rowOf.get(certificate) ?? { name: certificate }, thresholdDays).seconds,
      );
      if (certificates.renewed.length === 0 || !(comeAlong || isDue)) return [];
      const why = isDue ? 'a certificate of etcd runs out' : 'the control planes are renewed';
      return [{ instanceId, name, action: RENEW, why, predictedSeconds: ETCD_SECONDS, certificates }];
    });
}
