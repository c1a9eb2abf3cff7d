import type * as z from 'zod';
import type { PlannedCertificates, planRenewalInput, RenewalPlan } from '../../contracts/renewal';
import { leftAloneSentence } from '../../domain/certificates/left-alone';
import { predictGains } from '../../domain/certificates/predict-gains';
import type { ControlPlane, NoAnswer } from '../../domain/nodes/answers';
import { count, listNames } from '../../domain/text/plain-text';
import { assessPlanGates } from './assess-plan-gates';
import { notServed, orderControlPlanes, RENEW, whyRenew } from './control-planes';
import { planEtcdMachines } from './etcd-machines';
import { ETCD_SECONDS, renewalSeconds, turnSeconds } from './predict-renewal';

/** A control plane that is to be renewed, and what that does with its certificates, where it listed them. */
interface Candidate {
  node: ControlPlane;
  why: string;
  certificates: PlannedCertificates | undefined;
}

/** One control plane at a time: whom, in which order, and what stands against it. */
export function planRolling(
  { config, options, etcdFacts }: z.output<typeof planRenewalInput>,
  expected: { name: string }[],
  answers: ControlPlane[],
  silent: NoAnswer[],
  leftOut: string[],
  now: Date,
): Pick<RenewalPlan, 'steps' | 'etcd' | 'gates' | 'summary' | 'predictedSeconds'> {
  const candidates = orderControlPlanes(answers)
    .filter(({ name }) => !leftOut.includes(name))
    .flatMap((node): Candidate[] => {
      const why = whyRenew(node, options.force, now);
      const { inventory } = node.value;
      const certificates = inventory && predictGains(inventory, options.force, now);
      return why === undefined ? [] : [{ node, why, certificates }];
    });
  const chosen = candidates.filter(hasToAct);
  const unserved = candidates
    .filter((candidate) => !hasToAct(candidate))
    .map(({ node: { name, value } }) => ({ name, notServed: notServed(value) }))
    .filter((node) => node.notServed.length > 0);
  const gates = assessPlanGates({
    ...{ config, expected, answers, noAnswers: silent, unserved, now },
    candidates: candidates.map(({ node }) => node),
    steps: chosen.map(({ node }) => node),
  });
  const steps = chosen.map(({ node: { instanceId, name }, why, certificates }) => ({
    ...{ instanceId, name, action: RENEW, why },
    predictedSeconds: turnSeconds(config.loadBalancer),
    ...(certificates && { certificates }),
  }));
  const leftAlone = leftAloneSentence(candidates.map(({ node: { name }, certificates }) => ({ name, certificates })));
  const etcd = planEtcdMachines(etcdFacts, answers, steps.length > 0, config, options.force, now);
  const alsoEtcd = etcd.length > 0 ? ` Before them etcd is renewed on ${listNames(etcd.map(({ name }) => name))}.` : '';
  return {
    ...{ steps, etcd, gates },
    summary: `${summarise(config.cluster, candidates, steps)}${alsoEtcd}${leftAlone}`,
    predictedSeconds: renewalSeconds(steps.length, config.loadBalancer) + etcd.length * ETCD_SECONDS,
  };
}

/** Where nothing gains, a renewal changes nothing; but one that was cut off has still to restart what it renewed. */
function hasToAct({ node, certificates }: Candidate): boolean {
  return node.value.renewal.unfinished || certificates === undefined || certificates.renewed.length > 0;
}

function summarise(cluster: string, candidates: Candidate[], steps: { name: string }[]): string {
  if (candidates.length === 0)
    return `Every control plane of ${cluster} was renewed within the last hour and serves its new certificates: there is nothing to do (the option force renews again).`;
  if (steps.length === 0) return `No certificate of ${cluster} gains by a renewal: there is nothing to do.`;
  return `${count(steps.length, 'control plane')} of ${cluster} will be renewed one at a time, in this order: ${listNames(steps.map(({ name }) => name))}.`;
}
