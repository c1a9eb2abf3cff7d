import * as z from 'zod';
import { kubeadmPatches } from './kubeadm-patches';

/** A release of Kubernetes, without the leading v. */
export const kubernetesVersion = z.string().regex(/^1\.\d{1,3}\.\d{1,3}$/, 'must be a version such as "1.37.2"');

/** kubeadm checks a configuration (`kubeadm config validate`) from this minor on, and packages of the ones before are signed with a key that has expired. */
export const OLDEST_CREATED_MINOR = 28;

const address = '[0-9a-fA-F:.]+';
const cidr = new RegExp(`^${address}/\\d{1,3}(,${address}/\\d{1,3})?$`);
const subnet = z
  .string()
  .regex(cidr, 'must be a network such as 10.244.0.0/16, or one of IPv4 and one of IPv6 with a comma between them');

/** Arguments of a component as kubeadm.k8s.io/v1beta4 has them; they are written as v1beta3 wants them where the version is older. */
const extraArgs = z
  .array(
    z.strictObject({
      name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,99}$/, 'must be the name of a flag without dashes in front'),
      value: z.string().max(1000),
    }),
  )
  .max(50)
  .optional();

/** On control planes. */
const file = z.string().regex(/^\/[A-Za-z0-9._/-]{1,200}$/, 'must be the absolute path of a file');

/** Fields of a Kubernetes configuration document, taken as they are. */
const document = z.record(z.string(), z.unknown()).default({});

/** How a cluster is made: needed by create-cluster alone. Existing clusters keep what they were made with. */
export const kubernetesSettings = z.strictObject({
  version: kubernetesVersion.refine(
    (version) => Number(version.split('.')[1]) >= OLDEST_CREATED_MINOR,
    `must be 1.${OLDEST_CREATED_MINOR}.0 or newer`,
  ),
  /** Stable name and port of the API, of a load balancer also with a single control plane: it cannot be given later. */
  endpoint: z
    .string()
    .regex(
      /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?:\d{1,5}$/,
      'must be a DNS name with a port, such as api.demo.internal:6443',
    ),
  podSubnet: subnet,
  serviceSubnet: subnet.default('10.96.0.0/12'),
  dnsDomain: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?$/, 'must be a DNS name')
    .default('cluster.local'),
  /** More names and addresses in the certificate of the API servers. Absent: none, and `reconfigure` leaves those that there are. */
  certSANs: z
    .array(z.string().regex(/^[A-Za-z0-9*:.-]{1,253}$/, 'must be a DNS name or an address'))
    .max(50)
    .optional(),
  /** Containerd is the one that is tried on real nodes. cri-dockerd has to be on the machines: it has no repository. */
  runtime: z
    .enum(['containerd', 'cri-o', 'cri-dockerd'], 'must be containerd, cri-o or cri-dockerd')
    .default('containerd'),
  /** CRI-O's repository, as `packages`. */
  runtimePackages: z
    .string()
    .regex(/^https:\/\/[A-Za-z0-9._:/-]{1,200}\/$/, 'must be an https:// address with a slash at its end')
    .default('https://download.opensuse.org/repositories/isv:/cri-o:/stable:/'),
  /** Of the kubelet and of the container runtime: both have to have the same. */
  cgroupDriver: z.enum(['systemd', 'cgroupfs'], 'must be systemd or cgroupfs').default('systemd'),
  /** off: swap is switched off on each node, for good; keep: it stays, and the kubelet is told to start all the same. */
  swap: z.enum(['off', 'keep'], 'must be off or keep').default('off'),
  /** The repository of Kubernetes' packages, without the minor at its end: a mirror's address where there is one. */
  packages: z
    .string()
    .regex(/^https:\/\/[A-Za-z0-9._:/-]{1,200}\/$/, 'must be an https:// address with a slash at its end')
    .default('https://pkgs.k8s.io/core:/stable:/'),
  /** Manifest of the network plugin, applied when the first control plane is there. Without it somebody else installs one. */
  cni: z
    .strictObject({
      url: z
        .string()
        .regex(
          /^(https:\/\/|file:\/\/\/)[A-Za-z0-9._~:/@%+-]{1,500}$/,
          'must be an https:// address, or file:///… of a file on the control planes',
        ),
      /** Nothing else is applied. */
      sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits, as sha256sum prints them'),
    })
    .optional(),
  /** ARNs of the target groups in which control planes are registered as soon as they are about to serve. Empty: somebody else does it, as an Auto Scaling group. */
  targetGroups: z
    .array(
      z
        .string()
        .regex(
          /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup\/[A-Za-z0-9-]+\/[0-9a-f]+$/,
          'must be the ARN of a target group',
        ),
    )
    .max(5)
    .default([]),
  /** kubeadm's certificateValidityPeriod and encryptionAlgorithm; from 1.31 on. */
  certificateValidityPeriod: z
    .string()
    .regex(/^([0-9]+(h|m|s))+$/, 'must be a duration such as 8760h')
    .optional(),
  encryptionAlgorithm: z.enum(['RSA-2048', 'RSA-3072', 'RSA-4096', 'ECDSA-P256', 'ECDSA-P384']).optional(),
  /** Of a component that is absent here `reconfigure` leaves the flags as they are. */
  extraArgs: z
    .strictObject({
      apiServer: extraArgs,
      controllerManager: extraArgs,
      scheduler: extraArgs,
      etcd: extraArgs,
      kubelet: extraArgs,
    })
    .prefault({}),
  /** Fields of KubeletConfiguration and KubeProxyConfiguration. */
  kubelet: document,
  kubeProxy: document,
  /**
   * An etcd that somebody else runs, instead of a member on each control plane. Control planes have to have the files, at the same paths, before
   * the cluster is made.
   */
  externalEtcd: z
    .strictObject({
      endpoints: z
        .array(z.string().regex(/^https:\/\/[A-Za-z0-9.:-]{1,255}$/, 'must be an https:// address with a port'))
        .min(1)
        .max(9),
      caFile: file,
      certFile: file,
      keyFile: file,
    })
    .optional(),
  /** external: kubelets wait for a cloud controller manager, and have the provider id of their instance. */
  cloudProvider: z.literal('external', 'must be external').optional(),
  /** The user's own documents for kubeadm; what they leave out is made of the settings. */
  configuration: z.array(z.record(z.string(), z.unknown())).max(5).optional(),
  /** kubeadm's patches, by file name. They are kept on each node, because kubeadm needs them again at every upgrade. */
  patches: kubeadmPatches,
  /** Checks of kubeadm's own preflight that may fail, by name. */
  ignorePreflightErrors: z
    .array(z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be the name of a check, such as NumCPU'))
    .max(20)
    .default([]),
});
export type KubernetesSettings = z.infer<typeof kubernetesSettings>;
