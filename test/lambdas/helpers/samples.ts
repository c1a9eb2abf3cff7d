import type { CertificateInventory, CertificateOnDisk, ControlPlaneFacts } from '../../../lambdas/contracts/node-steps';
import type { NodeResult } from '../../../lambdas/contracts/run-on-nodes';
import type { ClusterNode } from '../../../lambdas/contracts/node';
import { clusterConfig, type ClusterConfig } from '../../../lambdas/contracts/cluster-config';
import type { OperationInput, OperationName, OperationOptions } from '../../../lambdas/contracts/operation';
import { chosenOptions } from '../../../lambdas/domain/operations';

export const NOW = new Date('2026-11-23T03:00:00Z');
const DAY_MS = 86_400_000;

/** ISO time so many days from NOW, as the scripts print it. */
export function inDays(days: number): string {
  return `${new Date(NOW.getTime() + days * DAY_MS).toISOString().slice(0, 19)}Z`;
}

export function instanceId(number: number): string {
  return `i-${number.toString(16).padStart(17, '0')}`;
}

export const config = (certificates: object = {}, rest: object = {}): ClusterConfig =>
  clusterConfig.parse({ cluster: 'demo', certificates, ...rest });

/** What an operation goes by when its caller asks for this. */
export const options = <Name extends OperationName>(
  operation: Name,
  asked: Omit<OperationInput<Name>, 'cluster'> | object = {},
  settings = config(),
): OperationOptions<Name> => chosenOptions(operation, { cluster: 'demo', ...asked } as OperationInput<Name>, settings);

export function controlPlane(number: number, unreachable?: string): ClusterNode {
  const node: ClusterNode = { instanceId: instanceId(number), name: `cp-${number}`, role: 'control-plane' };
  return unreachable === undefined ? node : { ...node, unreachable };
}

const PKI = '/etc/kubernetes/pki';
const LEAVES: [name: string, path: string, ca: string][] = [
  ['apiserver', `${PKI}/apiserver.crt`, 'ca'],
  ['apiserver-etcd-client', `${PKI}/apiserver-etcd-client.crt`, 'etcd-ca'],
  ['apiserver-kubelet-client', `${PKI}/apiserver-kubelet-client.crt`, 'ca'],
  ['etcd-healthcheck-client', `${PKI}/etcd/healthcheck-client.crt`, 'etcd-ca'],
  ['etcd-peer', `${PKI}/etcd/peer.crt`, 'etcd-ca'],
  ['etcd-server', `${PKI}/etcd/server.crt`, 'etcd-ca'],
  ['front-proxy-client', `${PKI}/front-proxy-client.crt`, 'front-proxy-ca'],
  ['admin.conf', '/etc/kubernetes/admin.conf', 'ca'],
  ['super-admin.conf', '/etc/kubernetes/super-admin.conf', 'ca'],
  ['controller-manager.conf', '/etc/kubernetes/controller-manager.conf', 'ca'],
  ['scheduler.conf', '/etc/kubernetes/scheduler.conf', 'ca'],
  ['kubelet-client', '/var/lib/kubelet/pki/kubelet-client-current.pem', 'ca'],
  ['kubelet-serving', '/var/lib/kubelet/pki/kubelet.crt', 'self'],
];
const PORTS: [number, string][] = [
  [6443, 'apiserver'],
  [2379, 'etcd-server'],
  [2380, 'etcd-peer'],
  [10250, 'kubelet-serving'],
];
/** Ports of serving certificates that somebody configured (`--tls-cert-file`). */
const OWN_PORTS: [number, string][] = [
  [6443, 'apiserver-serving'],
  [10257, 'controller-manager-serving'],
  [10259, 'scheduler-serving'],
];

export interface InventoryOptions {
  /** Days left of all leaf certificates; of single ones in `certificates`. */
  days?: number;
  /** Members to change, by certificate name. */
  certificates?: Record<string, Partial<CertificateOnDisk>>;
  served?: Record<string, { serial?: string; notAfter?: string; error?: string }>;
  /** Days left of certificates that are somebody's own, by name: they keep their serial, and their port serves them. */
  own?: Record<string, number>;
  /** Changes every serial, as a renewal does. */
  generation?: number;
  checkedAt?: string;
  caPublicKeys?: string[] | undefined;
}

/** Inventory of a healthy kubeadm control plane with stacked etcd. */
export function inventory(node: string, options: InventoryOptions = {}): CertificateInventory {
  const { days = 300, generation = 1 } = options;
  const serialOf = (index: number) =>
    `0A${generation}${node.length}${index.toString(16).toUpperCase().padStart(4, '0')}`;
  // A kubelet's is its node's alone.
  const ofNode = (name: string) => (name === 'kubelet-client' ? Buffer.from(node).toString('hex') : '');
  const leaves = LEAVES.map(([name, path, ca], index): CertificateOnDisk => ({
    ...{ name, path, ca, notAfter: inDays(days), serial: serialOf(index) + ofNode(name) },
    ...options.certificates?.[name],
  }));
  const own = Object.entries(options.own ?? {}).map(([name, left]): CertificateOnDisk => ({
    ...{ name, path: `/etc/own/${name}.crt`, notAfter: inDays(left), serial: '0F' },
    ...(name === 'external-etcd-client' ? { external: true } : {}),
  }));
  const ownPorts = OWN_PORTS.filter(([, certificate]) => options.own?.[certificate] !== undefined);
  const ports = [...PORTS.filter(([port]) => !ownPorts.some(([ownPort]) => ownPort === port)), ...ownPorts];
  const cas = ['ca', 'etcd-ca', 'front-proxy-ca'].map((name): CertificateOnDisk => ({
    ...{ name, path: `${PKI}/${name}.crt`, isCa: true, notAfter: inDays(3000), serial: '00' },
    ...options.certificates?.[name],
  }));
  return {
    node,
    checkedAt: options.checkedAt ?? NOW.toISOString(),
    kubeadm: 'v1.34.4',
    source: 'kubeadm',
    caPublicKeys: 'caPublicKeys' in options ? options.caPublicKeys : ['ab'.repeat(32)],
    certificates: [...leaves, ...own, ...cas],
    served: ports.map(([port, certificate]) => {
      const { serial, notAfter } = [...leaves, ...own].find(({ name }) => name === certificate) ?? {};
      const change = options.served?.[certificate];
      return change?.error !== undefined
        ? { port, certificate, error: change.error }
        : { port, certificate, serial, notAfter, ...change };
    }),
  };
}

export function result(number: number, value: unknown): NodeResult {
  return { instanceId: instanceId(number), name: `cp-${number}`, result: value as Record<string, unknown> };
}

export function failed(
  number: number,
  error: 'NodeUnreachable' | 'NodeStepTimedOut' | 'NodeStepFailed',
  message: string,
): NodeResult {
  return { instanceId: instanceId(number), name: `cp-${number}`, failure: { error, message } };
}

export interface FactsOptions {
  leader?: boolean;
  apiServer?: boolean;
  kubelet?: boolean;
  etcd?: boolean;
  external?: boolean;
  caKeys?: string[];
  freeKiB?: number;
  finishedAt?: string;
  unfinished?: boolean;
  toRestart?: string[];
  running?: boolean;
  rejoining?: boolean;
  obstacles?: ControlPlaneFacts['renewal']['obstacles'];
  inventory?: CertificateInventory;
}

/** Facts of control plane `number` of as many as `etcdHealth` has entries: health of each one's etcd member. */
export function facts(number: number, etcdHealth: boolean[], options: FactsOptions = {}): ControlPlaneFacts {
  const healthy = options.etcd ?? etcdHealth[number - 1] ?? false;
  const health = (ok = true) => (ok ? { ok } : { ok, reason: 'connection refused' });
  return {
    node: `cp-${number}`,
    ...(options.inventory ? { inventory: options.inventory } : {}),
    health: {
      kubelet: health(options.kubelet),
      apiServer: health(options.apiServer),
      controllerManager: health(),
      scheduler: health(),
    },
    etcd: options.external
      ? { topology: 'external', healthy: true, members: [] }
      : {
          topology: 'stacked',
          // A member that does not answer tells nothing about itself or others.
          ...(healthy ? { memberId: `${number}a`, leader: options.leader ?? false } : {}),
          healthy,
          members: healthy
            ? etcdHealth.map((ok, index) => ({ id: `${index + 1}a`, name: `cp-${index + 1}`, healthy: ok }))
            : [],
        },
    caKeys: options.caKeys ?? ['ca', 'etcd-ca', 'front-proxy-ca'],
    disk: { freeKiB: options.freeKiB ?? 1_000_000, neededKiB: 10_240 },
    renewal: {
      ...(options.finishedAt ? { finishedAt: options.finishedAt } : {}),
      unfinished: options.unfinished ?? false,
      ...(options.toRestart ? { toRestart: options.toRestart } : {}),
      ...(options.running ? { running: true } : {}),
      ...(options.rejoining ? { rejoining: true } : {}),
      ...(options.obstacles ? { obstacles: options.obstacles } : {}),
    },
  };
}
