/** Versions of what runs on a node. */
export interface NodeVersions {
  /** Installed. */
  kubeadm: string;
  /** Installed and running: the kubelet is restarted when it is installed. */
  kubelet: string;
  /** Of the API server, the controller-manager and the scheduler; absent on workers. */
  staticPods?: string;
}

/** A pod that a drain evicts. */
export interface ScriptedPod {
  name: string;
  node: string;
  /** Name of its disruption budget. */
  budget?: string;
}

/** What the API server of a scripted cluster knows beside its nodes' own state: who is cordoned, and what runs where. */
export class KubernetesModel {
  /** ClusterConfiguration's version. */
  version: string;
  addonsVersion: string;
  /** Nodes that take no pods, with who cordoned them. */
  readonly cordoned = new Map<string, 'us' | 'other'>();
  readonly pods: ScriptedPod[] = [];
  /** Disruption budgets, by how many disruptions each allows. */
  readonly budgets = new Map<string, number>();
  /** Releases that the package repositories offer, by minor. */
  readonly offered: Record<string, string[]> = {
    '1.34': ['1.34.4'],
    '1.35': ['1.35.5', '1.35.4'],
    '1.36': ['1.36.6', '1.36.3'],
    '1.37': ['1.37.2', '1.37.1'],
  };

  constructor(version: string) {
    this.version = version;
    this.addonsVersion = version;
  }

  /**
   * Cordons a node and moves its pods to another one; those whose budget allows no disruption stay, unless they are forced.
   * @returns what has left, and what is left
   */
  drain(node: string, others: string[], force: boolean): { evicted: ScriptedPod[]; left: ScriptedPod[] } {
    if (!this.cordoned.has(node)) this.cordoned.set(node, 'us');
    const here = this.pods.filter((pod) => pod.node === node);
    const evicted = here.filter(({ budget }) => force || budget === undefined || this.budgets.get(budget) !== 0);
    const takers = others.filter((name) => name !== node && !this.cordoned.has(name));
    for (const [index, pod] of evicted.entries()) {
      const taker = takers[index % takers.length];
      if (taker) pod.node = taker;
      else this.pods.splice(this.pods.indexOf(pod), 1);
    }
    return { evicted, left: here.filter((pod) => pod.node === node && !evicted.includes(pod)) };
  }

  /** Lets a node take pods again, unless somebody else cordoned it. */
  uncordon(node: string): boolean {
    if (this.cordoned.get(node) === 'us') this.cordoned.delete(node);
    return !this.cordoned.has(node);
  }
}

/** What kubeadm of each minor installs where etcd is older. */
const ETCD_OF_MINOR: Record<string, string> = { '1.37': '3.7.0' };
export const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.');
export const etcdOf = (version: string): string | undefined => ETCD_OF_MINOR[minorOf(version)];
