import * as z from 'zod';
import { kubernetesSettings } from './kubernetes-settings';
import { approvalSettings, person } from './approval-settings';
import { chatRule } from './chat/rights';
import { lifecycleSettings } from './lifecycle';
import { maintenanceSettings } from './maintenance-settings';

/** A cluster's name is the value of its EC2 tag; it becomes part of execution, schedule and parameter names. */
export const CLUSTER_NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;
export const clusterName = z
  .string()
  .regex(CLUSTER_NAME_PATTERN, 'must be 1 to 32 lower-case letters, digits or hyphens, such as "prod-eu"');

/** Names of the EC2 tags that make an instance part of a cluster. */
export const CLUSTER_TAG = 'kubeadm-autopilot:cluster';
export const ROLE_TAG = 'kubeadm-autopilot:role';
/** The group of nodes that a node belongs to; without it, its Auto Scaling group. */
export const GROUP_TAG = 'kubeadm-autopilot:group';
/** Put on any node of a cluster, this tag stops every operation that changes something; its value is the reason. */
export const FROZEN_TAG = 'kubeadm-autopilot:frozen';

const schedule = z
  .string()
  .regex(/^(cron|rate|at)\(.+\)$/, 'must be cron(...), rate(...) or at(...), such as cron(0 3 * * ? *)');
export const DEFAULT_KEEP_DAYS = 30;

/** Gates of an upgrade that an owner may except, by name: what they find is a danger that is known, or that somebody sees to by hand. */
export const EXCEPTABLE_GATES = [
  'cgroup-v1',
  'coredns-plugins',
  'coredns-version',
  'create-job',
  'disruption-budgets',
  'etcd-image',
  'foreign-nodes',
  'node-maintenance',
  'unmanaged-pods',
] as const;
export type ExceptableGate = (typeof EXCEPTABLE_GATES)[number];

const days = z.number().int().min(0, 'must be 0 or more days').max(3650);

/** Where the settings of a cluster are kept for the Lambdas: written by `cdk deploy` from clusters/<name>.yaml. */
export const clusterParameterName = (cluster: string) => `/kubeadm-autopilot/clusters/${cluster}`;

/**
 * One file of clusters/*.yaml, and (as JSON) the Parameter Store value that the Lambdas read. Every field but `cluster` has a
 * default, so a cluster without a file is treated as `{cluster: <name>}`, without a schedule.
 */
export const clusterConfig = z.strictObject({
  cluster: clusterName,
  /** A reason, such as "release week": nothing that changes nodes starts while it stands. */
  frozen: z.string().min(1).max(200).optional(),
  certificates: z
    .strictObject({
      /** When the check runs: EventBridge Scheduler's cron(...), rate(...) or at(...), in `timeZone`. */
      schedule: schedule.default('cron(0 3 * * ? *)'),
      /** IANA name, such as Europe/Berlin. */
      timeZone: z.string().default('UTC'),
      /** How often EventBridge Scheduler tries again when the start itself fails. */
      retries: z
        .number()
        .int()
        .min(0)
        .max(2, 'must be 0, 1 or 2: a late retry would start an operation at a wrong hour')
        .default(2),
      /** Renew by itself when the smallest time left is under `thresholdDays`; otherwise only notify. */
      renew: z.boolean().default(true),
      thresholdDays: days.default(30),
      /** CAs are watched against this and never renewed by themselves. */
      caThresholdDays: days.default(365),
      /** Copies of admin.conf to refresh after a renewal, beside /root/.kube/config: no other file of anybody's is touched. */
      adminKubeconfigs: z
        .array(z.string().regex(/^\/[A-Za-z0-9._/-]{1,200}$/, 'must be an absolute path'))
        .max(10)
        .default([]),
    })
    .prefault({}),
  /** The target groups of AWS's load balancers in which the control planes are registered; found by themselves. */
  loadBalancer: z
    .strictObject({
      /** Take a control plane out of them before its API server is restarted, and put it back afterwards. */
      leave: z.boolean().default(true),
      /** A target group is the API servers' when a control plane is registered in it on this port. */
      apiServerPort: z.number().int().min(1, 'must be a port, 1 to 65535').max(65535).default(6443),
      /** Once its connections have drained: until the load balancer has surely heard of it everywhere. */
      settleSeconds: z.number().int().min(0, 'must be 0 or more seconds').max(600).default(30),
    })
    .prefault({}),
  /** Snapshots of etcd, with /etc/kubernetes of each control plane, in the operations bucket. */
  etcdBackup: z
    .strictObject({
      /** When one is taken, as `certificates.schedule` and in its time zone. Without it only upgrades take them, and whoever starts back-up-etcd. */
      schedule: schedule.optional(),
      /** They are deleted after so many days. */
      keepDays: z.number().int().min(1, 'must be 1 or more days').max(3650).default(DEFAULT_KEEP_DAYS),
    })
    .prefault({}),
  upgrade: z
    .strictObject({
      /** Gates that may say no and do not stop an upgrade: dangers that the cluster's owner knows and takes. */
      exceptions: z
        .array(z.enum(EXCEPTABLE_GATES, `must be one of ${EXCEPTABLE_GATES.join(', ')}`))
        .max(EXCEPTABLE_GATES.length)
        .default([]),
      /** Workers of a group (its tag, else its Auto Scaling group) that are upgraded at the same time: a number, or a percentage. */
      maxUnavailable: z
        .union([z.number(), z.string()])
        .refine(
          (value) => /^([1-9][0-9]?|100)%?$/.test(String(value)),
          'must be 1 to 100 workers, or a percentage of them from "1%" to "100%"',
        )
        .default(1),
      /** How long a drain may take before `stuckDrain` decides. */
      drainMinutes: z.number().int().min(1, 'must be 1 or more minutes').max(60).default(10),
      /**
       * What becomes of a drain that takes longer. wait: it gets the same time again, once; force: pods that have no controller go, and
       * those whose budget does not allow it; skip: the node is left as it is; stop: the upgrade ends there.
       */
      stuckDrain: z.enum(['wait', 'force', 'skip', 'stop'], 'must be wait, force, skip or stop').default('stop'),
    })
    .prefault({}),
  /** When upgrades may run. */
  maintenance: maintenanceSettings.prefault({}),
  /** What instances that come and go by themselves lead to. */
  lifecycle: lifecycleSettings.prefault({}),
  /** How create-cluster makes it, and what joins it later. */
  kubernetes: kubernetesSettings.optional(),
  /** Who may do what from a chat. Nobody may do anything that no rule allows. */
  chat: z.strictObject({ rights: z.array(chatRule).max(30).default([]) }).prefault({}),
  /** Which identities are one person. */
  people: z.array(person).max(50).default([]),
  approval: approvalSettings.prefault({}),
  notifications: z.strictObject({ emails: z.array(z.email()).max(10).default([]) }).prefault({}),
});
export type ClusterConfig = z.infer<typeof clusterConfig>;
