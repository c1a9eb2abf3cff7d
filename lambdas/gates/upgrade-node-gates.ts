import type { Gate } from '../contracts/plan';
import { passed, refused, warned } from '../domain/plan';
import { count, listNames, shorten } from '../domain/text/plain-text';
import { dateUtc, secondsUntil } from '../domain/text/time-left';
import { nodeState, type UpgradeView } from '../domain/upgrade/view';

// Every node: it answers, it is well, nobody else is at work on it.

/** Whom nobody has heard, nobody can upgrade: left behind, its kubelet is too old one day. */
export function nodesAnswer({ nodes, noAnswers, unknownSkips }: UpgradeView): Gate {
  const name = 'nodes-answer';
  if (unknownSkips.length > 0) {
    return refused(
      name,
      `skipNodes names ${listNames(unknownSkips)}, and this cluster has no worker of that name.`,
      'Write the names as the plan lists them; a control plane cannot be left out.',
    );
  }
  if (noAnswers.length === 0) return passed(name, `All ${count(nodes.length, 'node')} answered.`);
  const reasons = noAnswers.slice(0, 3).map(({ message }) => shorten(message, 300));
  return refused(
    name,
    `${noAnswers.length} of ${count(nodes.length, 'node')} did not answer (${listNames(noAnswers.map((one) => one.name))}): ${reasons.join(' ')}`,
    'Repair them first; a worker can be left out with skipNodes.',
  );
}

/** Its Lease tells at once what the condition Ready tells after 40 s. */
export function nodesReady(view: UpgradeView): Gate {
  const name = 'nodes-ready';
  if (!view.facts) return clusterUnknown(name);
  const ill = view.machines.flatMap(({ name: node, value }) => {
    const state = nodeState(view, value.node);
    if (!state) return view.facts?.nodesLeftOut ? [] : [`${node} is not known to the API server`];
    if (!state.ready) return [`${node} is not Ready`];
    return state.fresh ? [] : [`the kubelet of ${node} does not renew its lease`];
  });
  const stopped = view.machines.flatMap(({ name: node, value: { machine } }) =>
    machine.kubeletActive.ok ? [] : [`the kubelet of ${node} does not run`],
  );
  const all = [...new Set([...stopped, ...ill])];
  if (all.length === 0) return passed(name, `All ${count(view.machines.length, 'node')} are Ready.`);
  return refused(
    name,
    `Not every node is well: ${listNames(all, 5)}.`,
    'Wait a minute or repair them first; a worker can be left out with skipNodes.',
  );
}

/** Nodes that the API server knows and no tag does: they would keep their kubelet. */
export function foreignNodes(view: UpgradeView): Gate {
  const name = 'foreign-nodes';
  if (!view.facts) return clusterUnknown(name);
  const ours = new Set([...view.machines.map(({ value }) => value.node), ...view.skippedNames]);
  const foreign = view.facts.nodes.flatMap(({ names }) => names).filter((node) => !ours.has(node));
  // A node that did not answer has no name to be found by; that gate speaks for it.
  if (foreign.length <= view.noAnswers.length)
    return passed(name, 'Every node of the cluster is one of the tagged instances.');
  return refused(
    name,
    `The cluster has nodes that are no tagged instance (${listNames(foreign)}), which would stay at their version.`,
    'Tag them with kubeadm-autopilot:cluster and kubeadm-autopilot:role, delete their Node objects, or except this gate.',
  );
}

/** The script of an operation that was stopped goes on after the lock was given back. */
export function nodesAtRest({ machines }: UpgradeView): Gate {
  const name = 'nodes-at-rest';
  const busy = machines.filter(({ value }) => value.machine.running).map((one) => one.name);
  if (busy.length === 0) return passed(name, 'No script that changes a node is still running.');
  return refused(
    name,
    `A script of an earlier operation is still at work on ${listNames(busy)}.`,
    'Start again when it has ended, within an hour.',
  );
}

/** kured, system-upgrade-controller: two that drain at once leave nodes cordoned. */
export function nodeMaintenance({ facts }: UpgradeView): Gate {
  const name = 'node-maintenance';
  if (!facts) return clusterUnknown(name);
  if (facts.maintenance.length === 0)
    return passed(name, 'Nothing in the cluster reboots or upgrades nodes on its own.');
  return refused(
    name,
    `Something in the cluster changes nodes on its own: ${listNames(facts.maintenance, 4)}.`,
    'Stop it for the time of the upgrade (a kured: scale it away or take its lock), or except this gate.',
  );
}

export function cordonedNodes({ facts }: UpgradeView): Gate {
  const name = 'cordoned-nodes';
  if (!facts) return clusterUnknown(name);
  const others = facts.nodes.filter(({ cordoned }) => cordoned === 'other').flatMap(({ names }) => names);
  if (others.length === 0) return passed(name, 'Nobody has cordoned a node.');
  return warned(
    name,
    `${listNames(others)} ${others.length === 1 ? 'was' : 'were'} cordoned by somebody and will stay so.`,
  );
}

/** @param seconds how long the upgrade takes, predicted */
export function certificatesLast({ machines, controlPlanes, now }: UpgradeView, seconds: number): Gate {
  const name = 'certificates-last';
  const margin = seconds + 86_400;
  const ends = (notAfter: string | undefined) => (secondsUntil(notAfter, now) ?? Infinity) < margin;
  const ending = [
    ...controlPlanes.flatMap(({ name: node, value }) =>
      value.controlPlane.certificates
        .filter(({ notAfter }) => ends(notAfter))
        .map((one) => `${one.name} on ${node} on ${dateUtc(one.notAfter ?? '')}`),
    ),
    ...machines
      .filter(({ value: { machine } }) => ends(machine.kubeletCertificate.notAfter))
      .filter(({ value: { machine, node } }) => {
        const left = secondsUntil(machine.kubeletCertificate.notAfter, now) ?? 0;
        return node !== '' && (left <= 0 || !machine.kubeletCertificate.rotates);
      })
      .map(
        ({ name: node, value }) =>
          `the kubelet's on ${node} on ${dateUtc(value.machine.kubeletCertificate.notAfter ?? '')}`,
      ),
  ];
  if (ending.length === 0) return passed(name, 'No certificate ends within a day after the upgrade.');
  return refused(
    name,
    `Certificates end before the upgrade has, or within a day after it: ${listNames(ending, 4)}.`,
    'Renew them first: start renew-certificates.',
  );
}

/** What a control plane would tell of the cluster is missing: no question about the cluster can be answered. */
export const clusterUnknown = (name: string): Gate =>
  refused(
    name,
    'No control plane could read the cluster from its API server.',
    'See the gate control-planes-healthy, repair what it names, then start again.',
  );
