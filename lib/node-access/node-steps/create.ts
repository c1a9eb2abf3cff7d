import { MOST_PATCHES } from '../../../lambdas/contracts/kubeadm-patches';
import { SECRET, type NodeStep } from './node-step';

const VERSION = { allowedPattern: '^1[.][0-9]+[.][0-9]+$', maxChars: 9 };
const SECRET_OR_NONE = { ...SECRET, allowedPattern: '^(none|/kubeadm-autopilot/secrets/[a-z0-9-]+/[a-z0-9-]+)$' };
/** kubeadm's configuration in base64. */
export const MOST_CONFIGURATION = 8000;
const CONFIGURATION = { allowedPattern: '^[A-Za-z0-9+/]+=*$', maxChars: MOST_CONFIGURATION };
/** kubeadm's patches: file:content in base64, with a comma between. */
export const PATCHES = {
  allowedPattern: '^(none|[a-z][A-Za-z0-9+._-]*:[A-Za-z0-9+/=:,._-]+)$',
  maxChars: MOST_PATCHES,
};
/** A certificate or a request of one in base64. */
const MOST_PEM = 6000;
const PEM_OR_NONE = { allowedPattern: '^(none|[A-Za-z0-9+/]+=*)$', maxChars: MOST_PEM };
/** A hundred nodes with their pods' addresses. */
const MOST_PROBE_PODS = 12_000;
/** Of fifty machines. */
const ADDRESSES_OR_NONE = { allowedPattern: '^(none|[0-9a-f][0-9a-f.:,]+)$', maxChars: 50 * 40 - 1 };
const SHA256_OR_NONE = { allowedPattern: '^(none|[0-9a-f]+)$', maxChars: 64 };

/** Bare machines become a cluster, in the order of their turns. */
export const CREATE_STEPS = {
  preflight: {
    description: 'Tells what a machine is: its size, names, ports, runtime, packages. Changes nothing.',
    parameters: {
      Endpoint: { allowedPattern: '^(none|[a-z0-9][a-z0-9.-]*:[0-9]+)$', maxChars: 259 },
      EtcdEndpoints: { allowedPattern: '^(none|https://[A-Za-z0-9.,:/-]+)$', maxChars: 2375 },
      EtcdFiles: { allowedPattern: '^(none|/[A-Za-z0-9._,/-]*[A-Za-z0-9._-])$', maxChars: 605 },
      ControlPlanes: ADDRESSES_OR_NONE,
      Workers: ADDRESSES_OR_NONE,
    },
    deliverySeconds: 120,
    executionSeconds: 180,
    changesNode: false,
    roles: ['control-plane', 'worker', 'etcd'],
  },
  'prepare-node': {
    description: 'Prepares a machine for kubeadm: kernel modules, swap, container runtime, packages.',
    parameters: {
      Version: VERSION,
      Packages: { allowedPattern: '^https://[A-Za-z0-9._:/-]+/$', maxChars: 209 },
      CgroupDriver: { allowedPattern: '^(systemd|cgroupfs)$', maxChars: 8 },
      Swap: { allowedPattern: '^(off|keep)$', maxChars: 4 },
      Runtime: { allowedPattern: '^(containerd|cri-o|cri-dockerd)$', maxChars: 11 },
      RuntimePackages: { allowedPattern: '^https://[A-Za-z0-9._:/-]+/$', maxChars: 209 },
    },
    deliverySeconds: 120,
    // Five minutes for another installation to end, packages over a slow line.
    executionSeconds: 1800,
    changesNode: true,
    roles: ['control-plane', 'worker', 'etcd'],
  },
  'start-etcd': {
    description: 'Makes a machine a member of an external etcd, which its kubelet keeps running by itself.',
    parameters: { Version: VERSION, Configuration: CONFIGURATION, Kubelet: CONFIGURATION },
    deliverySeconds: 120,
    // The image over a slow line.
    executionSeconds: 1200,
    changesNode: true,
    roles: ['etcd'],
  },
  'etcd-client': {
    description: 'Makes a key and a request for the client of an external etcd, or puts the certificate in place.',
    parameters: { Certificate: PEM_OR_NONE, Ca: PEM_OR_NONE },
    deliverySeconds: 120,
    executionSeconds: 120,
    changesNode: true,
    roles: ['control-plane'],
  },
  'sign-etcd-client': {
    description: "Signs the request of a control plane with the key of etcd's CA on this machine.",
    parameters: { Request: { allowedPattern: '^[A-Za-z0-9+/]+=*$', maxChars: MOST_PEM } },
    deliverySeconds: 120,
    executionSeconds: 120,
    // Nothing here, but who has the certificate reads and writes all of the cluster's state.
    changesNode: true,
    roles: ['etcd'],
  },
  'init-control-plane': {
    description: 'Makes the first control plane of a cluster with kubeadm init, and applies its network plugin.',
    parameters: {
      Version: VERSION,
      Configuration: CONFIGURATION,
      Patches: PATCHES,
      Secret: SECRET,
      CniUrl: { allowedPattern: '^(none|(https|file)://[A-Za-z0-9._~:/@%+-]+)$', maxChars: 508 },
      CniSha256: SHA256_OR_NONE,
    },
    deliverySeconds: 120,
    // Images over a slow line; kubeadm waits for its control plane.
    executionSeconds: 1800,
    changesNode: true,
    roles: ['control-plane'],
  },
  'prepare-join': {
    description: 'Lets nodes join: a bootstrap token and the certificates of control planes, or deletes both.',
    parameters: {
      Secret: SECRET,
      CertificateKey: SECRET_OR_NONE,
      Action: { allowedPattern: '^(create|delete)$', maxChars: 6 },
    },
    deliverySeconds: 120,
    executionSeconds: 420,
    changesNode: true,
    roles: ['control-plane'],
  },
  'join-node': {
    description: 'Makes a prepared machine a node of the cluster with kubeadm join.',
    parameters: {
      Version: VERSION,
      Configuration: CONFIGURATION,
      Patches: PATCHES,
      Secret: SECRET,
      CertificateKey: SECRET_OR_NONE,
      CaHash: { allowedPattern: '^[0-9a-f]+$', maxChars: 64 },
    },
    deliverySeconds: 120,
    // Images over a slow line, discovery, etcd's new member.
    executionSeconds: 1800,
    changesNode: true,
    roles: ['control-plane', 'worker'],
  },
  'probe-pods': {
    description: 'Puts a pod on nodes for a moment, whose network is then tried, or deletes them again.',
    parameters: {
      Nodes: { allowedPattern: '^[a-z0-9][a-z0-9.,-]*$', maxChars: 3199 },
      Action: { allowedPattern: '^(create|delete)$', maxChars: 6 },
    },
    deliverySeconds: 120,
    // The pause image over a slow line.
    executionSeconds: 300,
    changesNode: true,
    roles: ['control-plane'],
  },
  'check-pod-network': {
    description: 'Looks whether a pod on this node reaches a pod on each other one. Changes nothing.',
    parameters: { Pods: { allowedPattern: '^[a-z0-9][a-z0-9.=:,-]*$', maxChars: MOST_PROBE_PODS } },
    deliverySeconds: 120,
    executionSeconds: 180,
    changesNode: false,
    roles: ['control-plane', 'worker'],
  },
  'check-cluster-dns': {
    description:
      "Asks the cluster's name server from a node, through the network of pods and Services. Changes nothing.",
    parameters: {},
    deliverySeconds: 120,
    executionSeconds: 240,
    changesNode: false,
    roles: ['control-plane', 'worker'],
  },
} as const satisfies Record<string, NodeStep>;
