import * as z from 'zod';
import { label } from './node-steps';

/** A version as a tool prints it, without a leading v: 1.36.3, 3.6.8. */
const version = label.max(60);
const health = z.object({ ok: z.boolean(), reason: label.optional() });
const names = (most: number) => z.array(label.max(300)).max(most);

/** What one package repository, that of a minor, answers this node. */
export const offeredPackages = z.object({
  /** Such as 1.37. */
  minor: version,
  /** Releases of which kubeadm, kubelet and kubectl are all there, newest first. */
  versions: z.array(version).max(40),
  /** Why the repository could not be read: no way there, a signature that is not valid ... */
  reason: label.optional(),
  /** When the key that signs it ends, ISO 8601 UTC, as it was fetched anew; absent when it does not end. */
  keyEnds: label.optional(),
});

/** What inspect-for-upgrade.sh finds on every node. */
export const machineFacts = z.object({
  hostname: label,
  /** Of the programs that are installed; absent where one is not, or does not answer. */
  kubeadm: version.optional(),
  kubelet: version.optional(),
  kubectl: version.optional(),
  /** systemd says that it runs. */
  kubeletActive: health,
  /** Names of the flags that somebody gave the kubelet, without dashes, such as node-ip; values are left out. */
  kubeletFlags: names(60),
  /** Those in the file that kubeadm writes, kubeadm-flags.env. */
  kubeadmFlags: names(60),
  /** Feature gates in its flags and its configuration. */
  kubeletGates: names(80),
  /** failCgroupV1 of its configuration; absent when that does not say. */
  failCgroupV1: z.boolean().optional(),
  cgroup: z.enum(['v1', 'v2']),
  /** The kubelet's own file with the runtime's socket: /var/lib/kubelet/instance-config.yaml. */
  instanceConfig: z.boolean(),
  /** Sockets of container runtimes on this node. */
  runtimeSockets: names(10),
  /** Of CRI-O where it is installed. */
  crio: version.optional(),
  packages: z.object({
    manager: z.enum(['apt', 'dnf', 'none']),
    /** What the package manager says of packages that are half installed; absent when none are. */
    interrupted: label.optional(),
    /** Another program has held the package manager's lock for all the time that this one waited. */
    locked: z.boolean().optional(),
    /** Asked of the repository of each minor from the node's own to the target's; absent without a target. */
    offered: z.array(offeredPackages).max(20).optional(),
  }),
  /** KiB free where packages and images go. */
  disk: z.object({ freeKiB: z.number(), imagesFreeKiB: z.number() }),
  /** The API at the address that this node's kubelet is to use while its control plane is upgraded: the cluster's endpoint. */
  endpoint: health,
  /** S3, where the operations bucket is; absent when the node was not told where that is. */
  bucket: health.optional(),
  /** When the kubelet's client certificate ends, ISO 8601 UTC, and whether it renews it itself. */
  kubeletCertificate: z.object({ notAfter: label.optional(), rotates: z.boolean() }),
  /** A step that changes this node runs there now. */
  running: z.boolean().optional(),
});
export type MachineFacts = z.infer<typeof machineFacts>;

/** A static pod of the control plane, as its manifest has it. */
export const componentFacts = z.object({
  name: z.enum(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']),
  /** Absent when there is no manifest. */
  image: label.optional(),
  /** What the running process says of itself, else the tag of the image that the runtime runs. */
  version: version.optional(),
  healthy: health,
  flags: names(150),
  gates: names(80),
});

/** What it finds where there are static pods of a control plane. */
export const upgradeControlPlaneFacts = z.object({
  components: z.array(componentFacts).max(4),
  etcd: z.object({
    topology: z.enum(['stacked', 'external']),
    memberId: label.optional(),
    leader: z.boolean().optional(),
    healthy: z.boolean(),
    reason: label.optional(),
    /** The version that the running member says it is. */
    version: version.optional(),
    members: z
      .array(z.object({ id: label, name: label, learner: z.boolean().optional(), healthy: z.boolean() }))
      .max(20),
    /** Such as NOSPACE. */
    alarms: names(20),
    /** Size of the database file, bytes. */
    databaseBytes: z.number().optional(),
  }),
  disk: z.object({
    /** What a copy of etcd's data takes, and what is free where kubeadm puts it. */
    etcdDataKiB: z.number(),
    kubernetesFreeKiB: z.number(),
    /** Free where etcd's data is: a snapshot and its rehearsal go there. */
    etcdFreeKiB: z.number(),
    /** Both are one file system. */
    shared: z.boolean(),
  }),
  /** Annotations of kubeadm's that the manifests lack. */
  missingAnnotations: names(4),
  /** Where kubelet.conf leads: own, the API server of this node; endpoint, the cluster's; other. */
  kubeletServer: z.enum(['own', 'endpoint', 'other']),
  /** kubeadm's certificates of this node; those whose CA's key is elsewhere, or that another CA signed, are `foreign`. */
  certificates: z
    .array(
      z.object({
        name: label,
        notAfter: label.optional(),
        /** Hexadecimal. */
        serial: label.max(60).optional(),
        foreign: z.boolean().optional(),
        /** Of a kubeconfig: it names files, its CA's or its client certificate's, and kubeadm renews only what is inside. */
        inFiles: z.boolean().optional(),
      }),
    )
    .max(20),
  /** A kubeadm upgrade that was cut off has left its manifests. */
  unfinished: z.boolean().optional(),
});
export type UpgradeControlPlaneFacts = z.infer<typeof upgradeControlPlaneFacts>;

/** A disruption budget, with the pods of it that run on each node. */
export const budgetFacts = z.object({
  /** namespace/name */
  name: label,
  allowed: z.number().int(),
  /** Node name → pods under this budget; of most budgets a handful. */
  pods: z.record(label, z.number().int()),
});

/** What it finds where admin.conf is: the cluster, as the API server tells it. The same on each control plane, so any one is enough. */
export const clusterFacts = z.object({
  /** Of the API server that was asked. */
  version,
  /** Nodes that have the same state, by that state: compact also for hundreds. */
  nodes: z.array(
    z.object({
      kubelet: version,
      ready: z.boolean(),
      /** The kubelet renewed its lease within the last 40 s. */
      fresh: z.boolean(),
      /** us: cordoned by an operation of this app; other: by somebody else; absent when it takes pods. */
      cordoned: z.enum(['us', 'other']).optional(),
      controlPlane: z.boolean().optional(),
      names: z.array(label),
    }),
  ),
  /** Nodes whose names did not fit. */
  nodesLeftOut: z.number().int(),
  /** Seconds since these renewed their lease; absent without a lease. */
  leases: z.object({ controllerManager: z.number().optional(), scheduler: z.number().optional() }),
  /** ClusterConfiguration of the ConfigMap kubeadm-config. */
  configuration: z.object({
    /** Why it could not be read; nothing else is there then. */
    reason: label.optional(),
    kubernetesVersion: version.optional(),
    controlPlaneEndpoint: label.optional(),
    imageRepository: label.optional(),
    etcdImageTag: label.optional(),
    dnsImageTag: label.optional(),
    proxyDisabled: z.boolean().optional(),
    dnsDisabled: z.boolean().optional(),
    /** certificateValidityPeriod, a Go duration. */
    certificateValidity: label.optional(),
    /** Names of extraArgs, and of the feature gates in them, by component. */
    arguments: z.record(label, z.object({ flags: names(100), gates: names(80) })),
  }),
  /** ConfigMap kubelet-config. */
  kubeletConfig: z.object({ found: z.boolean(), failCgroupV1: z.boolean().optional(), gates: names(80) }),
  kubeProxy: z.object({
    daemonSet: z.boolean(),
    configMap: z.boolean(),
    version: version.optional(),
    desired: z.number().int().optional(),
    ready: z.number().int().optional(),
    mode: label.optional(),
    gates: names(80),
  }),
  coreDns: z.object({
    /** Deployments in kube-system with the label k8s-app=kube-dns. */
    deployments: z
      .array(z.object({ name: label, image: label, desired: z.number().int(), ready: z.number().int() }))
      .max(10),
    plugins: names(60),
    /** Keys of its ConfigMap. */
    keys: names(20),
  }),
  /** Pods in kube-system that have a label of the control plane's and are no static pods that run: namespace/name (phase). */
  strayPods: names(20),
  /** API server pods by node. */
  apiServers: z.record(label, z.number().int()),
  /** A dry run of a pod as kubeadm's health check makes it. */
  createJob: health,
  /** Who else changes nodes here: kured, system-upgrade-controller ... with what it holds. */
  maintenance: names(10),
  /** Versions of what runs beside kubeadm's own parts, by image: CNI, cloud controller manager, CSI drivers. */
  addons: z.array(z.object({ kind: z.enum(['cni', 'cloud-controller-manager', 'csi']), name: label, version })).max(30),
  /** Of each disruption budget with pods; those that allow none come first. */
  budgets: z.array(budgetFacts),
  budgetsLeftOut: z.number().int(),
  drains: z.object({
    /** Pods that a drain would evict, and how many of them the API server was asked about with a dry run. */
    pods: z.number().int(),
    asked: z.number().int(),
    /** Those that it refuses other than for a budget, with its words: namespace/name: reason. */
    refused: names(20),
    /** Pods with data in an emptyDir, which a drain deletes. */
    emptyDir: z.number().int(),
    /** Pods without a controller, which nobody starts again: namespace/name. */
    unmanaged: names(20),
    unmanagedCount: z.number().int(),
  }),
});
export type ClusterFacts = z.infer<typeof clusterFacts>;

/** Result of scripts/inspect-for-upgrade.sh. */
export const upgradeFacts = z.object({
  /** The name that Kubernetes knows this node by. */
  node: label,
  machine: machineFacts,
  controlPlane: upgradeControlPlaneFacts.optional(),
  cluster: clusterFacts.optional(),
  /** Why there is no `cluster` on a control plane. */
  clusterReason: label.optional(),
});
export type UpgradeFacts = z.infer<typeof upgradeFacts>;
