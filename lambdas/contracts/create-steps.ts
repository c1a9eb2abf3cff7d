import * as z from 'zod';
import { identifier, label } from './node-steps';

const rows = <Row extends z.ZodType>(row: Row) => z.array(row).max(60);
const size = z.number().int().min(0);

/** Result of scripts/preflight.sh: what a machine is, before anything is done to it. Absent where it could not be told. */
export const preflightFacts = z.object({
  /** Its host name, by which Kubernetes will know it. */
  node: label,
  system: z.object({ id: label, version: label.optional(), architecture: label }),
  cpus: size,
  memoryMiB: size,
  disk: z.object({ kubeletFreeMiB: size, containerdFreeMiB: size, etcdFreeMiB: size }),
  productUuid: label.optional(),
  /** Of the network interfaces that are devices. */
  macs: rows(label),
  /** Memory is swapped out to a disk. */
  swap: z.boolean(),
  cgroup: z.enum(['v1', 'v2']),
  clock: z.enum(['synchronised', 'not synchronised', 'unknown']),
  runtime: z.object({
    /** Versions; absent where it is not installed. */
    containerd: label.optional(),
    crio: label.optional(),
    criDockerd: label.optional(),
    /** Of all container runtimes. */
    sockets: rows(label),
  }),
  packages: z.object({
    manager: z.enum(['apt', 'dnf', 'none']),
    kubeadm: label.optional(),
    kubelet: label.optional(),
  }),
  /** Of the ports that Kubernetes needs those on which somebody listens. */
  portsInUse: rows(z.number().int()),
  /** Addresses that the host of the cluster's endpoint has, as this node resolves it. */
  endpointAddresses: rows(label),
  /** Where the settings name an external etcd: files that are not there, and endpoints that do not answer with them. */
  externalEtcd: z.object({ missing: rows(label), silent: rows(label) }).optional(),
  /** address:port of other machines of the cluster, such as 10.0.0.12:2379, from which nothing comes back, not even a refusal. */
  unreached: rows(label).optional(),
  cluster: z.object({
    /**
     * none: bare; joined: a kubelet of a cluster; unfinished: a step of this app made it a node and was cut off; remains: files of a
     * cluster that it is no node of.
     */
    state: z.enum(['none', 'joined', 'unfinished', 'remains']),
    /** unfinished: which step. */
    step: z.enum(['init', 'join', 'etcd']).optional(),
    /** SHA-256 of the CA's public key, as discovery wants it. */
    caHash: label.optional(),
    /** It runs a member of an external etcd, which this app made. */
    etcdMember: z.boolean().optional(),
    /** It runs an API server. */
    controlPlane: z.boolean().optional(),
    /** controlPlane: host:port by which administrators reach the API, which is the cluster's endpoint where it has one. */
    endpoint: label.optional(),
    /** joined: of its kubelet. */
    cgroupDriver: z.enum(['systemd', 'cgroupfs']).optional(),
    /** joined: by this app, and nobody has seen yet that the cluster works from here. */
    unproven: z.boolean().optional(),
    /** remains: the first file. */
    file: label.optional(),
  }),
  /** It reads secrets as the role of its instance. */
  secrets: z.object({ ok: z.boolean(), reason: z.string().max(4000).optional() }),
  /** A step that changes this node runs there now. */
  running: z.boolean().optional(),
});
export type PreflightFacts = z.infer<typeof preflightFacts>;

/** Result of scripts/prepare-node.sh. */
export const preparedNode = z.object({
  node: label,
  changed: z.boolean(),
  /** X.Y.Z of kubeadm, kubelet and kubectl. */
  version: label,
  runtime: label,
  runtimeVersion: label,
  /** What was left as it is, a sentence each. */
  warnings: rows(z.string().max(4000)),
});
export type PreparedNode = z.infer<typeof preparedNode>;

/** Result of scripts/start-etcd.sh. */
export const startedEtcd = z.object({ node: label, changed: z.boolean() });
export type StartedEtcd = z.infer<typeof startedEtcd>;

/** In base64. */
const encoded = z
  .string()
  .max(6000)
  .regex(/^[A-Za-z0-9+/]+=*$/, 'must be base64');

/** Result of scripts/etcd-client.sh. */
export const etcdClient = z.object({
  node: label,
  changed: z.boolean(),
  /** A certificate request, where it was told no certificate. */
  request: encoded.optional(),
});
export type EtcdClient = z.infer<typeof etcdClient>;

/** Result of scripts/sign-etcd-client.sh: certificates, which are no secret. */
export const signedEtcdClient = z.object({ node: label, changed: z.boolean(), certificate: encoded, ca: encoded });
export type SignedEtcdClient = z.infer<typeof signedEtcdClient>;

/** Result of scripts/init-control-plane.sh. */
export const initialisedControlPlane = z.object({ node: label, changed: z.boolean() });
export type InitialisedControlPlane = z.infer<typeof initialisedControlPlane>;

/** Result of scripts/prepare-join.sh. */
export const preparedJoin = z.object({
  node: label,
  changed: z.boolean(),
  /** SHA-256 of the CA's public key; absent after `delete`. */
  caHash: identifier.optional(),
});
export type PreparedJoin = z.infer<typeof preparedJoin>;

/** Result of scripts/join-node.sh. */
export const joinedNode = z.object({ node: label, changed: z.boolean() });
export type JoinedNode = z.infer<typeof joinedNode>;

/** Result of scripts/probe-pods.sh. */
export const probePods = z.object({
  node: label,
  changed: z.boolean(),
  /** create: node=address with commas between them, as scripts/check-pod-network.sh takes them. */
  pods: z
    .string()
    .max(12_000)
    .regex(/^[a-z0-9.=:,-]+$/, 'must be node=address with commas between them')
    .optional(),
});
export type ProbePods = z.infer<typeof probePods>;

/** Result of scripts/check-pod-network.sh. */
export const podNetwork = z.object({
  node: label,
  /** To how many other nodes' pods this node's own pod came. */
  reached: size,
});
export type PodNetwork = z.infer<typeof podNetwork>;

/** Result of scripts/check-cluster-dns.sh. */
export const clusterDns = z.object({
  node: label,
  /** The cluster's name server. */
  server: label,
  /** What it answers for the API server's Service. */
  address: label,
});
export type ClusterDns = z.infer<typeof clusterDns>;
