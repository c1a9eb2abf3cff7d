import * as z from 'zod';
import { givenApproval } from './approval';
import { namedInstance, clusterNode } from './node';
import { plan, planStep, gate } from './plan';
import { clusterConfig, clusterName } from './cluster-config';
import { plannedWindow } from './maintenance-settings';
import { operationOptions } from './operation';
import { nodeResult } from './run-on-nodes';
import { kubeletsOfGroup, unreachableWorkers } from './repair';
import { label, nodesReady } from './node-steps';

/** What a renewal does with the certificates of one control plane, as far as the plan can tell. */
export const plannedCertificates = z.object({
  /** Names. */
  renewed: z.array(z.string()),
  /** The day on which the first of the new ones ends, such as 2027-11-23 (UTC); absent when none is renewed. */
  until: z.string().optional(),
  /** Because a new one would end earlier, another CA signed it, or another tool renews it. */
  leftAlone: z.array(z.object({ name: z.string(), reason: z.string() })),
});
export type PlannedCertificates = z.infer<typeof plannedCertificates>;

const renewalStep = planStep.extend({ certificates: plannedCertificates.optional() });

export const renewalPlan = plan.extend({
  /** `certificates` where the control plane listed them. */
  steps: z.array(renewalStep),
  /** Members of an external etcd that are renewed before the control planes, one at a time. Executions that began before there were any have none. */
  etcd: z.array(renewalStep).default([]),
  /**
   * renewal: one control plane at a time, each with its health gates. repair: the certificates of so many control planes have expired that
   * this cannot work, or kubelets are locked out; `steps`, of which there may be none, are done all at once, then kubelets get new
   * certificates.
   */
  kind: z.enum(['renewal', 'repair']),
  /** repair: the control plane that speaks with the API for all, one that works or that this repair brings back. */
  spokesman: namedInstance.optional(),
  /** Nodes that a check asks and this operation does not: etcd nodes, control planes out of reach. Absent when none. */
  notAsked: z.array(z.string()).optional(),
  /** Of a renewal of a cluster that has maintenance windows. */
  window: plannedWindow.optional(),
});
export type RenewalPlan = z.infer<typeof renewalPlan>;

/** One line of the before/after table. */
export const renewalRow = z.object({
  node: z.string(),
  certificate: z.string(),
  before: z.object({ serial: z.string().optional(), notAfter: z.string().optional(), daysLeft: z.number().optional() }),
  after: z.object({ serial: z.string().optional(), notAfter: z.string().optional(), daysLeft: z.number().optional() }),
  /** Serial in the TLS handshake after the renewal, for certificates that a port serves. */
  servedSerial: z.string().optional(),
});

export type RenewalRow = z.infer<typeof renewalRow>;

/** What a node said of its renewal. */
export const nodeReport = z.object({
  node: z.string(),
  /** Folder on the node with what was in /etc/kubernetes before. */
  backup: z.string().optional(),
  /** Static pods, in order. */
  restarted: z.array(z.string()),
  /** Copies of admin.conf: refreshed, or why left alone. */
  kubeconfigs: z.array(z.object({ path: z.string(), refreshed: z.boolean(), reason: z.string().optional() })),
});
export type NodeReport = z.infer<typeof nodeReport>;

/** Output of the renew-certificates state machine. */
export const renewalReport = z.object({
  cluster: z.string(),
  plan: renewalPlan,
  renewedNodes: z.array(z.string()),
  /** Control planes that were left as they are, because somebody asked to stop or the maintenance window was about to close; absent when none. */
  notBegun: z.array(z.string()).optional(),
  /** As many as fit into a state. */
  rows: z.array(renewalRow),
  /** How many more there are; absent when none. */
  moreRows: z.number().optional(),
  nodes: z.array(nodeReport),
  summary: z.string(),
  /** What happened to each renewed node in its load balancer, one sentence a node. */
  loadBalancer: z.array(z.object({ node: z.string(), said: z.string() })).optional(),
  /** Who asked and who approved, where the cluster's settings want approval. */
  approval: givenApproval.optional(),
});
export type RenewalReport = z.infer<typeof renewalReport>;

/** From the state machine renew-certificates to the Lambda `plan-renewal`, which answers with a RenewalPlan. */
export const planRenewalInput = z.object({
  /** ISO 8601: the time by which maintenance windows are judged, the state machine's, which waits for them; by default the function's own. */
  at: z.string().optional(),
  cluster: clusterName,
  config: clusterConfig,
  options: operationOptions('renew-certificates'),
  /** Control planes and etcd nodes: every control plane has to have answered, including those that could not be reached. */
  nodes: z.array(clusterNode),
  /** How many workers there are: a repair asks them too. */
  workerCount: z.number().default(0),
  /** They are more than fit into a state: a repair, which asks each of them, cannot be done. */
  workersLeftOut: z.boolean().default(false),
  /** Results of scripts/inspect-control-plane.sh with Inventory=yes (ControlPlaneFacts), or why there is none. */
  facts: z.array(nodeResult),
  /** Of etcd nodes those of scripts/check-certificates.sh (CertificateInventory). */
  etcdFacts: z.array(nodeResult).default([]),
});
export type PlanRenewalInput = z.input<typeof planRenewalInput>;

/**
 * What is about to be done to a control plane: decides which gates it has to pass. A new purpose is one entry here, and its gates in
 * `assess-gate`.
 */
export const gatePurpose = z.enum(['restart-static-pods', 'upgrade-control-plane', 'remove-control-plane']);
export type GatePurpose = z.infer<typeof gatePurpose>;

/** To the Lambda `assess-gate`, before each control plane. */
export const assessGateInput = z.object({
  cluster: clusterName,
  // Executions that began before there were purposes have none.
  purpose: gatePurpose.default('restart-static-pods'),
  /** The control plane whose turn it is. */
  node: namedInstance,
  /** All control planes of the cluster. */
  controlPlanes: z.array(namedInstance).min(1),
  /** Results of scripts/inspect-control-plane.sh with Inventory=no, taken just before. */
  facts: z.array(nodeResult),
});
export type AssessGateInput = z.infer<typeof assessGateInput>;

/** Its answer when every gate is open; otherwise it throws GateRefused. */
export const openGates = z.object({ gates: z.array(gate) });
export type OpenGates = z.infer<typeof openGates>;

/**
 * Of a RenewalResult or a RefreshResult what the report tells, as the state machine keeps it: cut, so that it fits into a state whatever the node says, and
 * not yet validated.
 */
export const renewalAnswer = z.object({
  backup: label.optional(),
  restarted: z.array(label).max(10),
  kubeconfigs: z.array(z.object({ path: label, refreshed: z.boolean(), reason: z.string().optional() })).max(20),
});

export type RenewalAnswer = z.infer<typeof renewalAnswer>;

/** The answers of nodes as they were renewed; a repair asks each node several times. */
export const renewalAnswers = z.array(namedInstance.extend({ answer: z.unknown() }));
export type RenewalAnswers = z.infer<typeof renewalAnswers>;

/** From the state machine renew-certificates to the Lambda `verify-renewal`, after the last node. */
export const verifyRenewalInput = z.object({
  cluster: clusterName,
  config: clusterConfig,
  /** The caller's `force`: renew also to certificates that end earlier, as the script does then. */
  force: z.boolean().default(false),
  plan: renewalPlan,
  /** The facts that the plan was made from: scripts/inspect-control-plane.sh with Inventory=yes. */
  before: z.array(nodeResult),
  /** The same script's answers after the last node. */
  after: z.array(nodeResult),
  /** Names of control planes of the plan that were not begun. */
  notBegun: z.array(z.string()).default([]),
  // Executions that began before answers were kept have none.
  answers: renewalAnswers.default([]),
  /** After a repair: what became of the kubelets, and which nodes are Ready. */
  repair: z
    .object({
      controlPlanes: kubeletsOfGroup,
      workers: z.array(kubeletsOfGroup),
      unreachableWorkers,
      ready: nodesReady,
    })
    .nullish(),
});
export type VerifyRenewalInput = z.input<typeof verifyRenewalInput>;
export type RepairOutcome = NonNullable<VerifyRenewalInput['repair']>;

/** Its answer when the renewal is proven (otherwise RenewalNotProven): the report, and the notification's subject and text. */
export const provenRenewal = renewalReport.extend({ subject: z.string().max(100), text: z.string() });
export type ProvenRenewal = z.infer<typeof provenRenewal>;
