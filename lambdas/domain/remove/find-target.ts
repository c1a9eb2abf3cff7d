import type { PreflightFacts } from '../../contracts/create-steps';
import type { ClusterNode } from '../../contracts/node';
import type { ClusterFacts } from '../../contracts/upgrade-facts';
import type { Member } from '../etcd/majority';
import type { NoAnswer } from '../nodes/answers';
import { nodeState, namesOf, type Machine, type UpgradeView } from '../upgrade/view';

/** The node that leaves, with all that is known of it. */
export interface Target {
  /** Absent where no instance with the cluster's tag is it any more. */
  instance?: ClusterNode;
  instanceId: string;
  name: string;
  /** The name that Kubernetes knows it by; a guess where nobody could ask it. */
  nodeName: string;
  isControlPlane: boolean;
  /** Run Command reaches it. */
  isReached: boolean;
  /** What it says of itself as a node, and as a machine. */
  answer?: Machine;
  machine?: PreflightFacts;
  /** Why it says nothing although it is reached. */
  silence?: NoAnswer;
  /** Its Node object. */
  node?: ClusterFacts['nodes'][number];
  member?: Member;
}

/** What was found out about the machine itself. */
export interface AskedMachine {
  facts?: PreflightFacts;
  silence?: NoAnswer;
}

/** By instance id, the instance's name, or the name that Kubernetes has for it; undefined where nobody knows such a node. */
export function findTarget(view: UpgradeView, wanted: string, machine: AskedMachine): Target | undefined {
  const instance =
    view.nodes.find(({ instanceId, name }) => instanceId === wanted || name === wanted) ??
    view.nodes.find((node) => namesOf(node, view.machines, view.facts).includes(wanted));
  return instance ? ofInstance(view, instance, machine) : withoutInstance(view, wanted);
}

function ofInstance(view: UpgradeView, instance: ClusterNode, machine: AskedMachine): Target {
  const { instanceId, name, role, unreachable } = instance;
  const answer = view.machines.find((one) => one.instanceId === instanceId);
  const nodeName =
    answer?.value.node ?? namesOf(instance, view.machines, view.facts)[0] ?? machine.facts?.node ?? instance.name;
  return {
    ...{ instance, instanceId, name, nodeName, isControlPlane: role === 'control-plane' },
    isReached: unreachable === undefined,
    ...(answer && { answer }),
    ...(machine.facts && { machine: machine.facts }),
    ...(!answer && machine.silence && { silence: machine.silence }),
    ...known(view, nodeName, name),
  };
}

/** Some clusters call nodes by their instance: i-0123456789abcdef0.eu-central-1.compute.internal. */
function withoutInstance(view: UpgradeView, wanted: string): Target | undefined {
  const names = [
    ...(view.facts?.nodes.flatMap((state) => state.names) ?? []),
    ...view.etcd.members.map(({ name }) => name),
  ];
  const nodeName = names.find((one) => one === wanted || (wanted.startsWith('i-') && one.startsWith(`${wanted}.`)));
  if (nodeName === undefined) return undefined;
  const facts = known(view, nodeName, nodeName);
  return {
    ...{ instanceId: wanted, name: nodeName, nodeName, isReached: false },
    isControlPlane: facts.member !== undefined || facts.node?.controlPlane === true,
    ...facts,
  };
}

function known(view: UpgradeView, nodeName: string, name: string): Pick<Target, 'node' | 'member'> {
  const node = nodeState(view, nodeName);
  // Its name is the Node's, where the member has not told by its id whose it is.
  const member = view.etcd.members.find(
    (one) => one.node === name || (one.node === undefined && one.name === nodeName),
  );
  return { ...(node && { node }), ...(member && { member }) };
}
