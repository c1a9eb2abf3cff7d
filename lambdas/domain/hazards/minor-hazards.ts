import * as z from 'zod';

const release = z.string().regex(/^\d+\.\d+\.\d+$/);
const sourced = { source: z.string().min(10) };

/** What is known of a minor before a cluster is upgraded to it. Each entry has its source. */
export const minorHazards = z.strictObject({
  /** Such as "1.37". */
  minor: z.string().regex(/^1\.\d+$/),
  /** The release whose kubeadm was read. */
  read: release,
  etcd: z.strictObject({
    /** The image tag that kubeadm installs unless the ClusterConfiguration has one. */
    pin: z.string().regex(/^\d+\.\d+\.\d+-\d+$/),
    /** Every member has to be at least this before; `imageTag` is what a member that is not is raised to. */
    before: z.strictObject({ version: release, imageTag: z.string(), ...sourced }).optional(),
    /** Beginnings of flags that this etcd does not know any more. */
    removedFlags: z.array(z.string()).default([]),
    ...sourced,
  }),
  coreDns: z.strictObject({
    pin: release,
    /** Every release from 1.12 on that its kubeadm can start from, oldest first; those before are known to it. */
    accepted: z.array(release).min(1),
    plugins: z.array(z.string()).min(1),
    ...sourced,
  }),
  removedGates: z.strictObject({ names: z.array(z.string().regex(/^[A-Z][A-Za-z0-9]+$/)), ...sourced }),
  removedKubeletFlags: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z][a-z0-9-]+$/),
      /** kubeadm of this minor takes it out of its own file, kubeadm-flags.env. */
      strippedByKubeadm: z.boolean().optional(),
      ...sourced,
    }),
  ),
  badVersions: z.array(z.strictObject({ version: release, why: z.string().min(10), instead: release, ...sourced })),
  /** Its kubelet does not start on cgroup v1 unless failCgroupV1 is false, and kubeadm's check has to be ignored. */
  refusesCgroupV1: z.strictObject(sourced).optional(),
  /** Its kubeadm reads the runtime's socket from instance-config.yaml alone. */
  needsInstanceConfig: z.strictObject(sourced).optional(),
});
export type MinorHazards = z.infer<typeof minorHazards>;
