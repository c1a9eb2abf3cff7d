import type { Gate } from '../contracts/plan';
import { hazardsOnTheWay } from '../domain/hazards/on-the-way';
import { validitySeconds } from '../domain/certificates/validity';
import { passed, refused, warned } from '../domain/plan';
import { listNames, shorten } from '../domain/text/plain-text';
import { certificatesThatLose } from '../domain/upgrade/certificates';
import type { UpgradeView } from '../domain/upgrade/view';
import { minorOf } from '../domain/versions/version';
import { clusterUnknown } from './upgrade-node-gates';

const CRIO_SOCKET = '/run/crio/crio.sock';

/** A component that is given a gate it does not know does not start. */
export function featureGates({ machines, controlPlanes, facts }: UpgradeView, hops: string[]): Gate {
  const name = 'feature-gates';
  if (!facts) return clusterUnknown(name);
  const places: [string, string[]][] = [
    ...Object.entries(facts.configuration.arguments).map(([who, { gates }]): [string, string[]] => [
      `${who} in kubeadm-config`,
      gates,
    ]),
    ['kubelet-config', facts.kubeletConfig.gates],
    ['kube-proxy', facts.kubeProxy.gates],
    ...machines.map(({ name: node, value }): [string, string[]] => [
      `the kubelet of ${node}`,
      value.machine.kubeletGates,
    ]),
    ...controlPlanes.flatMap(({ name: node, value }) =>
      value.controlPlane.components.map((one): [string, string[]] => [`${one.name} on ${node}`, one.gates]),
    ),
  ];
  const found = hazardsOnTheWay(hops).flatMap(({ minor, removedGates }) =>
    removedGates.names.flatMap((gate) => {
      const where = places.filter(([, gates]) => gates.includes(gate)).map(([place]) => place);
      return where.length > 0 ? [`${gate}, gone in ${minor} (${listNames(where, 3)})`] : [];
    }),
  );
  if (found.length === 0) return passed(name, 'No feature gate is set that a new version does not know.');
  return refused(
    name,
    `Feature gates are set that a new version does not know, so it would not start: ${listNames(found, 4)}.`,
    'Remove them from kubeadm-config, kubelet-config, the configuration of kube-proxy and the files named.',
  );
}

export function kubeletFlags({ machines }: UpgradeView, hops: string[]): Gate {
  const name = 'kubelet-flags';
  const found = hazardsOnTheWay(hops).flatMap(({ minor, removedKubeletFlags }) =>
    removedKubeletFlags.flatMap((flag) => {
      const nodes = machines.filter(({ value: { machine } }) =>
        [...machine.kubeletFlags, ...(flag.strippedByKubeadm ? [] : machine.kubeadmFlags)].includes(flag.name),
      );
      // What an earlier minor on the way strips is gone by then.
      const stripped = hazardsOnTheWay(hops).some((earlier) =>
        earlier.removedKubeletFlags.some((one) => one.name === flag.name && one.strippedByKubeadm),
      );
      const left = stripped ? nodes.filter(({ value }) => value.machine.kubeletFlags.includes(flag.name)) : nodes;
      return left.length > 0
        ? [
            `--${flag.name}, gone in ${minor} (${listNames(
              left.map((one) => one.name),
              3,
            )})`,
          ]
        : [];
    }),
  );
  if (found.length === 0) return passed(name, 'No kubelet has a flag that the new one does not know.');
  return refused(
    name,
    `Kubelets have flags that the new one does not know, so it would not start: ${listNames([...new Set(found)], 4)}.`,
    'Remove them from /etc/default/kubelet, /etc/sysconfig/kubelet, the unit or /var/lib/kubelet/kubeadm-flags.env there.',
  );
}

/** The kubelet's runtime socket is guessed where its file is missing, and with two of them the guess may be wrong. */
export function instanceConfig({ machines }: UpgradeView, hops: string[]): Gate {
  const name = 'instance-config';
  const needs = hazardsOnTheWay(hops).some(({ needsInstanceConfig }) => needsInstanceConfig);
  const unsure = machines.filter(
    ({ value: { machine } }) => !machine.instanceConfig && machine.runtimeSockets.length > 1,
  );
  if (!needs || unsure.length === 0) return passed(name, 'Every kubelet finds its container runtime.');
  return refused(
    name,
    `${listNames(unsure.map((one) => one.name))} ${unsure.length === 1 ? 'has' : 'have'} several container runtimes and no /var/lib/kubelet/instance-config.yaml, so kubeadm would guess.`,
    'Write containerRuntimeEndpoint into that file, or remove the runtime that is not used.',
  );
}

/** CRI-O has the minors of Kubernetes, and an upgrade leaves it as it is. Nothing to say where no kubelet has it. */
export function crioMinor({ machines, target }: UpgradeView): Gate[] {
  const name = 'cri-o';
  const using = machines.flatMap(({ name: node, value: { machine } }) =>
    machine.runtimeSockets.includes(CRIO_SOCKET) ? [{ node, crio: machine.crio }] : [],
  );
  if (using.length === 0) return [];
  const others = using.filter(({ crio }) => minorOf(crio) !== minorOf(target));
  if (others.length === 0)
    return [passed(name, `CRI-O has the minor of Kubernetes ${target} on every node that runs it.`)];
  return [
    warned(
      name,
      `CRI-O stays as it is, and its minor should be that of Kubernetes ${target}: ${listNames(
        others.map(({ node, crio = 'unknown' }) => `${node} (${crio})`),
        4,
      )}. Afterwards upgrade it from the repository of that minor, one drained node at a time.`,
    ),
  ];
}

/** Fatal to kubeadm when they are missing or cannot be read; on the last node of a hop that is late. */
export function kubeadmConfiguration({ facts }: UpgradeView): Gate {
  const name = 'kubeadm-configuration';
  if (!facts) return clusterUnknown(name);
  if (facts.configuration.reason !== undefined)
    return refused(
      name,
      `kubeadm cannot read the ClusterConfiguration in the ConfigMap kubeadm-config: ${shorten(facts.configuration.reason, 200)}.`,
      'Correct it: "kubeadm config validate" names the line.',
    );
  if (!facts.kubeletConfig.found)
    return refused(
      name,
      'The ConfigMap kubelet-config in kube-system is missing.',
      'Make it again on a control plane: "kubeadm init phase upload-config kubelet".',
    );
  return passed(name, "kubeadm's ConfigMaps are there.");
}

/** From 1.35 on a kubelet refuses cgroup v1 unless failCgroupV1 is false, and kubeadm refuses it in any case. */
export function cgroupV1({ machines }: UpgradeView, hops: string[]): Gate {
  const name = 'cgroup-v1';
  const refusing = hazardsOnTheWay(hops).find(({ refusesCgroupV1 }) => refusesCgroupV1);
  const old = machines.filter(({ value }) => value.machine.cgroup === 'v1').map((one) => one.name);
  if (!refusing || old.length === 0) return passed(name, 'The control groups of every node go with the new kubelet.');
  return refused(
    name,
    `${listNames(old)} ${old.length === 1 ? 'has' : 'have'} cgroup v1, which Kubernetes does not support from 1.35 on.`,
    'Move to an operating system with cgroup v2, or except this gate (and set failCgroupV1: false in kubelet-config).',
  );
}

/** The exception alone does not make the kubelet start. */
export function cgroupV1Allowed({ machines, facts }: UpgradeView, hops: string[]): Gate {
  const name = 'cgroup-v1-setting';
  const refusing = hazardsOnTheWay(hops).some(({ refusesCgroupV1 }) => refusesCgroupV1);
  const old = machines.filter(({ value }) => value.machine.cgroup === 'v1');
  if (!refusing || old.length === 0) return passed(name, 'No node needs failCgroupV1: false.');
  if (!facts) return clusterUnknown(name);
  if (facts.kubeletConfig.failCgroupV1 === false) return passed(name, 'kubelet-config has failCgroupV1: false.');
  return refused(
    name,
    'Nodes have cgroup v1 and kubelet-config does not have failCgroupV1: false, so their new kubelet would not start.',
    'Set it in the ConfigMap kubelet-config, and in /var/lib/kubelet/config.yaml of each node.',
  );
}

/** What kubeadm would make of it nobody can tell, nor which certificates would lose. */
export function certificateValidity({ facts }: UpgradeView): Gate {
  const name = 'certificate-validity';
  if (!facts) return clusterUnknown(name);
  const said = facts.configuration.certificateValidity;
  if (validitySeconds(said) !== undefined) return passed(name, 'How long new certificates are valid can be read.');
  return refused(
    name,
    `certificateValidityPeriod in the ConfigMap kubeadm-config is "${shorten(said ?? '', 60)}", which is no duration such as 8760h0m0s, so nobody can tell when new certificates would end.`,
    'Correct it there, or remove it: the default is a year.',
  );
}

export function certificateRenewal(view: UpgradeView): Gate {
  const name = 'certificate-renewal';
  const losing = certificatesThatLose(view);
  if (losing.length === 0) return passed(name, 'kubeadm renews its certificates with the upgrade.');
  const texts = losing.map((one) => `${one.name} on ${one.node} (${one.reason})`);
  return warned(
    name,
    `kubeadm is told not to renew certificates, because some would lose, or it would fail at them: ${listNames(texts, 3)}. The others are renewed by name in their control plane's turn, before kubeadm upgrades it.`,
  );
}
