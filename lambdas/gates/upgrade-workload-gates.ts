import type { Gate } from '../contracts/plan';
import type { DrainForecast } from '../contracts/upgrade';
import { passed, refused, warned } from '../domain/plan';
import { count, listNames, shorten } from '../domain/text/plain-text';
import type { UpgradeView } from '../domain/upgrade/view';
import { clusterUnknown } from './upgrade-node-gates';

/** kubeadm runs a pod in kube-system before it upgrades; admission acts on the pod, not on its Job. */
export function createJob({ facts }: UpgradeView): Gate {
  const name = 'create-job';
  if (!facts) return clusterUnknown(name);
  if (facts.createJob.ok) return passed(name, "The API server admits a pod as kubeadm's health check makes it.");
  return refused(
    name,
    `The API server does not admit a pod as kubeadm's health check makes it in kube-system: ${shorten(facts.createJob.reason ?? 'no reason given', 250)}.`,
    'Exempt kube-system from the policy, or repair its webhook; or except this gate, and kubeadm does not ask.',
  );
}

/** A budget that allows nothing now holds up every drain of its nodes; others are told, because pods move in between. */
export function disruptionBudgets({ facts, config }: UpgradeView, forecast: DrainForecast): Gate {
  const name = 'disruption-budgets';
  if (!facts) return clusterUnknown(name);
  const spent = [...new Set(forecast.tight.filter(({ allowed }) => allowed === 0).map(({ budget }) => budget))];
  if (spent.length > 0)
    return refused(
      name,
      `Disruption budgets allow no eviction now, so drains would get stuck: ${listNames(spent, 5)}.`,
      `Start more of their pods or change the budget; or except this gate, and a drain that takes longer than ${count(config.upgrade.drainMinutes, 'minute')} does as upgrade.stuckDrain says (${config.upgrade.stuckDrain}).`,
    );
  if (facts.budgetsLeftOut > 0)
    return warned(name, `${count(facts.budgetsLeftOut, 'disruption budget')} more than fit were not looked at.`);
  return passed(name, 'Every disruption budget allows an eviction.');
}

/** A drain stops at them, unless it is forced: then they are gone. */
export function unmanagedPods({ facts, config }: UpgradeView, { unmanaged }: DrainForecast): Gate {
  const name = 'unmanaged-pods';
  if (!facts) return clusterUnknown(name);
  if (unmanaged.length === 0) return passed(name, 'Every pod that has to move has a controller that starts it again.');
  const found = `${count(facts.drains.unmanagedCount, 'pod')} without a controller (${listNames(unmanaged, 3)})`;
  if (config.upgrade.stuckDrain === 'force') return warned(name, `Drains delete ${found}: nobody starts them again.`);
  return refused(
    name,
    `Nodes have ${found}, at which a drain stops.`,
    'Delete them, set upgrade.stuckDrain to force, or except this gate: each such drain then does as upgrade.stuckDrain says.',
  );
}

export function drains({ facts }: UpgradeView, forecast: DrainForecast): Gate {
  const name = 'drains';
  if (!facts) return clusterUnknown(name);
  const remarks = [
    ...(forecast.refused.length > 0 ? [`the API server would refuse to evict ${listNames(forecast.refused, 3)}`] : []),
    ...(forecast.emptyDir > 0 ? [`${count(forecast.emptyDir, 'pod')} with data in an emptyDir lose it`] : []),
  ];
  if (remarks.length === 0) return passed(name, `${count(forecast.pods, 'pod')} move when their nodes are drained.`);
  return warned(name, `Drains: ${remarks.join('; ')}.`);
}
