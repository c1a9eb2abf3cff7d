import type { Gate } from '../contracts/plan';
import { passed, refused, warned } from '../domain/plan';
import { isAlive, type RemovalView } from '../domain/remove/view';
import type { Target } from '../domain/remove/find-target';
import { count, listNames, shorten } from '../domain/text/plain-text';
import { componentVersion } from '../domain/upgrade/view';
import { etcdHasMajority } from './removal-control-plane-gates';
import { clusterUnknown } from './upgrade-node-gates';

// The node that leaves: it is the one that is meant, and nobody needs it.

export function nodeKnown({ all, target, wanted }: RemovalView): Gate {
  const name = 'node-known';
  if (!all.facts) return etcdHasMajority(all.etcd) ?? clusterUnknown(name);
  const given = shorten(wanted, 80);
  if (!target) {
    const names = listNames(all.nodes.map((one) => one.name));
    return refused(
      name,
      `${all.cluster} has no node ${given}: expected an instance id or a name, of ${names}.`,
      "Where the instance no longer exists, give the name of its Node as 'kubectl get nodes' shows it.",
    );
  }
  if (target.instance && !target.isReached && !target.node && !target.member && all.facts.nodesLeftOut === 0) {
    return refused(
      name,
      `The instance ${target.instanceId} (${target.name}) does not answer, and no Node of ${all.cluster} has its name or address.`,
      "Give the name of its Node instead, as 'kubectl get nodes' shows it; if it has none, terminate the instance.",
    );
  }
  return passed(name, `${given} is the node ${target.nodeName}.`);
}

/** The tag says which cluster a machine belongs to, and so does the machine. */
export function nodeBelongs({ all }: RemovalView, target: Target): Gate {
  const name = 'node-belongs';
  const { answer, isControlPlane } = target;
  if (!answer) {
    return target.silence
      ? refused(name, shorten(target.silence.message, 400), 'Repair that first, or power the machine off.')
      : passed(name, 'The machine runs no kubelet of a cluster.');
  }
  const runsOne = answer.value.controlPlane !== undefined;
  if (runsOne !== isControlPlane) {
    return refused(
      name,
      `${target.name} is a ${isControlPlane ? 'control plane' : 'worker'} by its tag and ${runsOne ? 'runs' : 'does not run'} an API server.`,
      'Correct the tag kubeadm-autopilot:role.',
    );
  }
  if (!target.node && !target.member && all.facts?.nodesLeftOut === 0) {
    return refused(
      name,
      `${target.name} runs a kubelet, and ${all.cluster} has no Node ${target.nodeName}: it may be a node of another cluster.`,
      'Correct the tag kubeadm-autopilot:cluster; or restart its kubelet, which makes the Node anew.',
    );
  }
  return passed(name, `${target.nodeName} is a node of ${all.cluster}.`);
}

/** What does not answer may still run pods, and write to the disks that others then take over. */
export function nodeIsGone(view: RemovalView, target: Target): Gate {
  const name = 'node-is-gone';
  const { instance } = target;
  if (target.isReached) return passed(name, `${target.name} answers.`);
  if (isAlive(view, target)) {
    return refused(
      name,
      `${target.name} does not answer through SSM (${instance?.unreachable ?? 'it is no tagged instance'}), and its kubelet renews its lease: it is not gone.`,
      instance ? 'Repair its SSM agent, or stop the instance.' : 'Tag its instance, or power it off.',
    );
  }
  if (instance?.state === 'stopped') return passed(name, `The instance of ${target.name} is stopped.`);
  if (!instance && view.unplaced.length === 0)
    return passed(name, `No instance of ${view.all.cluster} is the node ${target.name} any more.`);
  const why = instance
    ? `${target.name} does not answer (${instance.unreachable}), and its instance is ${instance.state ?? 'running'}`
    : `Nobody knows whether ${listNames(view.unplaced, 4)}, which ${view.unplaced.length === 1 ? 'does' : 'do'} not answer, is the node ${target.name}`;
  if (view.force) return warned(name, `${why}; it is removed because force says that it is gone.`);
  return refused(
    name,
    `${why}: expected stopped or terminated.`,
    'Stop or terminate the instance, so that its pods cannot run twice; or set force if you know that it is off.',
  );
}

/** A script of an operation that was stopped goes on after its lock was given back. */
export function nodesAtRest({ staying }: RemovalView, target: Target): Gate {
  const name = 'nodes-at-rest';
  const busy = [
    ...(target.answer?.value.machine.running || target.machine?.running ? [target.name] : []),
    ...(target.isControlPlane ? staying.filter(({ value }) => value.machine.running).map((one) => one.name) : []),
  ];
  if (busy.length === 0) return passed(name, 'No script that changes a node is still running.');
  return refused(
    name,
    `A script of an earlier operation is still at work on ${listNames(busy)}.`,
    'Start again when it has ended, within an hour.',
  );
}

/** Half way between two versions, each control plane that is left matters more. A dead node may be what keeps the upgrade from its end. */
export function upgradeFinished({ all, staying }: RemovalView, target: Target): Gate {
  const name = 'upgrade-finished';
  const versions = [...new Set(staying.flatMap((one) => componentVersion(one, 'kube-apiserver') ?? []))];
  const unfinished = all.controlPlanes.filter(({ value }) => value.controlPlane.unfinished).map((one) => one.name);
  const problem =
    unfinished.length > 0
      ? `An upgrade of ${listNames(unfinished)} was cut off`
      : versions.length > 1
        ? `The API servers have different versions (${listNames(versions.sort())})`
        : undefined;
  if (problem === undefined) return passed(name, 'No upgrade is half done.');
  if (!target.isReached) return warned(name, `${problem}; a dead node is removed all the same.`);
  return refused(
    name,
    `${problem}: an upgrade is half done.`,
    'Finish it first: start upgrade again. If this node keeps it from its end, stop its instance, and remove it then.',
  );
}

/** A drain waits for them; told beforehand, because upgrade.stuckDrain decides then. */
export function disruptionBudgets({ all }: RemovalView, target: Target): Gate {
  const name = 'disruption-budgets';
  const spent = (all.facts?.budgets ?? [])
    .filter(({ allowed, pods }) => allowed < 1 && (pods[target.nodeName] ?? 0) > 0)
    .map((one) => one.name);
  if (spent.length === 0) return passed(name, 'No disruption budget keeps its pods where they are.');
  return warned(
    name,
    `Disruption budgets allow no eviction of pods on ${target.name} now (${listNames(spent, 5)}): its drain waits ${count(all.config.upgrade.drainMinutes, 'minute')}, then upgrade.stuckDrain decides.`,
  );
}
