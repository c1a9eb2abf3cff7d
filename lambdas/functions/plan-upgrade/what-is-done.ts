import type { UpgradeTurn } from '../../contracts/upgrade';
import { hazardsOf } from '../../domain/hazards/hazards';
import { nodeState, type Machine, type UpgradeView } from '../../domain/upgrade/view';
import { compareVersions, isOlder, minorOf, parseVersion } from '../../domain/versions/version';

/**
 * How far an earlier run has come with a node, by what runs there. kubeadm's part counts as finished only once the kubelet has been installed
 * after it: kubeadm writes its static pods long before its last phases, and running it again takes seconds.
 */
export function whatIsDone(view: UpgradeView, node: Machine, version: string): UpgradeTurn['done'] | 'all' {
  const { machine } = node.value;
  const installed = [machine.kubeadm, machine.kubelet, machine.kubectl].every((one) => isAt(one, version));
  if (!installed || !staticPodsAt(view, node, version)) return 'nothing';
  const state = nodeState(view, node.value.node);
  // What the API server has no room to tell is done again.
  if (!state || !isAt(state.kubelet, version)) return 'kubeadm';
  return state.ready && state.cordoned !== 'us' ? 'all' : 'kubelet';
}

/** Or newer: a chain that goes on has passed this version. */
const isAt = (found: string | undefined, version: string) =>
  parseVersion(found) !== undefined && compareVersions(found, version) >= 0;

function staticPodsAt(view: UpgradeView, { value: { controlPlane } }: Machine, version: string): boolean {
  if (!controlPlane) return true;
  const pin = hazardsOf(minorOf(version))?.etcd.pin;
  return controlPlane.components.every((one) => {
    if (!one.healthy.ok) return false;
    if (one.name !== 'etcd') return isAt(one.version, version);
    const stays = view.facts?.configuration.etcdImageTag !== undefined;
    return stays || !isOlder(controlPlane.etcd.version, pin);
  });
}
