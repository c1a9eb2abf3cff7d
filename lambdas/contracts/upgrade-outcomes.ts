import * as z from 'zod';
import { givenApproval } from './approval';
import { clusterConfig, clusterName } from './cluster-config';
import { namedInstance } from './node';
import { nodeResult, operationLock, resultsOrWhere } from './run-on-nodes';
import { renewalRow } from './renewal';
import { snapshot } from './snapshot';
import { hop, upgradeGroup, upgradePlan, upgradeTurn } from './upgrade';

/** What became of one node of a hop, as the state machines keep it: a thousand of them have to fit into a state. */
export const turnOutcome = z.object({
  node: z.string(),
  /** skipped: its drain was given up, and its kubelet is as it was; not-begun: somebody asked to stop, or another node failed before. */
  outcome: z.enum(['upgraded', 'skipped', 'not-begun', 'failed']),
  /** Whole seconds by step, with the way to the node. */
  seconds: z.record(z.string(), z.number()),
  /** Why it was skipped, or left its load balancer or not: a sentence. */
  said: z.string().optional(),
  /** Of a failure, as Step Functions tells it. */
  error: z.string().optional(),
  cause: z.string().optional(),
});
export type TurnOutcome = z.infer<typeof turnOutcome>;

/** Output of the state machine upgrade-workers: what became of one group. */
export const groupOutcome = z.object({
  group: z.string(),
  /** How many there are of each. */
  upgraded: z.number().int(),
  skipped: z.number().int(),
  notBegun: z.number().int(),
  /** The first ones, those that were not upgraded before the others: as many as the caller had room for. */
  turns: z.array(turnOutcome),
});
export type GroupOutcome = z.infer<typeof groupOutcome>;

/** What became of one hop. A hop that was not begun has neither. */
export const hopOutcome = z.object({
  version: z.string(),
  controlPlanes: z.array(turnOutcome),
  workers: z.array(groupOutcome),
});
export type HopOutcome = z.infer<typeof hopOutcome>;

const work = {
  lock: operationLock,
  settings: clusterConfig.shape.upgrade.unwrap(),
  hop: hop.pick({ version: true, kubeadm: true }),
};

/** Input of the state machine upgrade-workers: one group of workers in one hop. */
export const upgradeWorkersInput = z.object({
  ...work,
  group: upgradeGroup,
  /** Those that are asked, and that drain. */
  controlPlanes: z.array(namedInstance).min(1),
  /** How many turns its output may hold; a quarter of them of workers that were upgraded, which are there for their seconds alone. */
  keep: z.number().int().min(1),
});
export type UpgradeWorkersInput = z.infer<typeof upgradeWorkersInput>;

/** Input of the state machine upgrade-worker, whose output is a TurnOutcome. */
export const upgradeWorkerInput = z.object({
  ...work,
  turn: upgradeTurn,
  /** The control plane that drains it. */
  on: namedInstance,
  /** ARN of the execution of upgrade-workers: a wish to stop it counts as well as one to stop the operation. */
  group: z.string(),
});
export type UpgradeWorkerInput = z.infer<typeof upgradeWorkerInput>;

/** To the Lambda `plan-waves`, when the turn of a group has come: minutes or days after the plan. */
export const planWavesInput = z.object({
  version: hop.shape.version,
  group: upgradeGroup,
  controlPlanes: z.array(namedInstance).min(1),
  /** Results of scripts/inspect-for-upgrade.sh on the control planes, taken just before. */
  facts: z.array(nodeResult),
});
export type PlanWavesInput = z.infer<typeof planWavesInput>;

/** Its answer. */
export const waves = z.object({
  /** Those that still have something to do: the first one alone, then all others. */
  waves: z.array(z.object({ workers: z.array(z.object({ turn: upgradeTurn, on: namedInstance })) })),
  /** How many may be under way at once in each wave. */
  atOnce: z.number().int().min(1),
});
export type Waves = z.infer<typeof waves>;
export type WorkerTurn = Waves['waves'][number]['workers'][number];

/** To the Lambda `assess-minor`, when all control planes of a hop are done, until its answer is no longer `wait`. */
export const assessMinorInput = z.object({
  cluster: clusterName,
  version: hop.shape.version,
  /** ISO 8601: since when it is asked, and now. */
  since: z.string(),
  at: z.string(),
  /** Control planes that were skipped: their kubelets are older. */
  facts: z.array(nodeResult),
});
export type AssessMinorInput = z.infer<typeof assessMinorInput>;

/** Its answer: the control plane has the version, or it is on its way there. Fails with UpgradeNotProven when it is not. */
export const assessedMinor = z.object({ next: z.enum(['wait', 'go']), waitSeconds: z.number().int().min(0) });
export type AssessedMinor = z.infer<typeof assessedMinor>;

/** One line of the report's table. */
export const upgradeRow = z.object({
  node: z.string(),
  role: z.enum(['control-plane', 'worker']),
  /** Version of its kubelet before and after; absent where the API server did not tell. */
  before: z.string().optional(),
  after: z.string().optional(),
  outcome: turnOutcome.shape.outcome,
  /** By step, over all hops. */
  seconds: z.record(z.string(), z.number()),
});

/** What runs in the cluster beside kubelets: static pods on their node, addons (no node). Absent: it was not told. */
export const componentRow = z.object({
  node: z.string().optional(),
  component: z.string(),
  before: z.string().optional(),
  after: z.string().optional(),
});
export type ComponentRow = z.infer<typeof componentRow>;

/** Output of the upgrade state machine. */
export const upgradeReport = z.object({
  cluster: z.string(),
  plan: upgradePlan,
  /** all nodes have the version; stopped: somebody asked for it, and it goes on at the next start; partly: nodes were skipped. */
  outcome: z.enum(['nothing', 'upgraded', 'stopped', 'partly']),
  rows: z.array(upgradeRow),
  /** Nodes that have no row, because there are more than fit into a state. */
  moreNodes: z.number().int(),
  /** Versions of static pods and addons, and kubeadm's certificates on the control planes, before and after; as many as fit into a state. */
  components: z.array(componentRow).optional(),
  certificates: z.array(renewalRow).optional(),
  /** Of before the first change; absent where nothing was saved. */
  snapshot: snapshot.optional(),
  /** Who asked and who approved, where the cluster's settings want approval. */
  approval: givenApproval.optional(),
  summary: z.string(),
});
export type UpgradeReport = z.infer<typeof upgradeReport>;

/** Of the Lambda `verify-upgrade`, at the end of an upgrade. */
export const verifyUpgradeInput = z.object({
  cluster: clusterName,
  plan: upgradePlan,
  /** Results of scripts/inspect-for-upgrade.sh on the control planes, from before the first change and now. */
  before: z.array(nodeResult),
  after: z.array(nodeResult),
  hops: z.array(hopOutcome),
});
export type VerifyUpgradeInput = z.input<typeof verifyUpgradeInput>;

/** The same as the state machine sends it. */
export const verifyUpgradePayload = verifyUpgradeInput.extend({ before: resultsOrWhere });
export type VerifyUpgradePayload = z.input<typeof verifyUpgradePayload>;

/** Its answer: the report, with the notification's subject and text. Fails with UpgradeNotProven. */
export const provenUpgrade = upgradeReport.extend({ subject: z.string().max(100), text: z.string() });
export type ProvenUpgrade = z.infer<typeof provenUpgrade>;
