import * as z from 'zod';
import { clusterName, type ClusterConfig } from './cluster-config';
import { kubernetesVersion } from './kubernetes-settings';
import type { NodeRole } from './node';
import { fromReplacement, type Replacement } from './replacement';

/** What started an operation. The same trigger delivered twice has the same id, and so gives the same execution name. */
export const trigger = z.strictObject({
  source: z.string().max(40),
  id: z.string().min(1).max(256),
  /** Who asked: ARN of the IAM identity as API Gateway has verified it; of a chat `slack:WORKSPACE/USER` or `webhook:NAME`. */
  who: z.string().max(700).optional(),
});
export type Trigger = z.infer<typeof trigger>;

const waitForWindow = z
  .boolean()
  .optional()
  .describe("Outside the cluster's maintenance windows wait for the next one instead of being refused");

/** Fields of an upgrade's input, beside those that every operation has. */
export const upgradeOptions = {
  /** The version that the cluster has afterwards. Several minors ahead is a chain of upgrades in one operation. */
  version: kubernetesVersion.describe('The version of Kubernetes afterwards, such as 1.37.2'),
  /** Workers that are left as they are, by name: those that are unreachable or not Ready, for one, stop the upgrade otherwise. */
  skipNodes: z
    .array(z.string().min(1).max(80))
    .max(100)
    .optional()
    .describe('Workers that are left as they are, by name'),
  waitForWindow,
};
/** An instance id, or a name as its tag has it. */
const machineName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, 'must be the id of an instance, or its name');
/** The node that leaves for good. */
const leavingNode = {
  node: z.string().min(1).max(253).describe('The node that leaves for good: its instance id, or its name'),
  force: z
    .boolean()
    .optional()
    .describe('Remove a node that does not answer, although nobody has seen that its machine is off'),
};

export const upgradeDefaults = () => ({ skipNodes: [] as string[], waitForWindow: false });

/** Every operation of the app. A new one is one entry here, and a state machine in lib/operations/. */
export const OPERATION = {
  'check-certificates': define({
    readOnly: true,
    asks: ['control-plane', 'etcd'],
    options: {
      thresholdDays: z
        .number()
        .min(0, 'must be 0 or more days')
        .max(3650)
        .optional()
        .describe(
          "Days left under which a certificate is a finding. It only reports: the cluster's own threshold decides what is renewed, so more days start no renewal",
        ),
      renew: z
        .boolean()
        .optional()
        .describe("Start the renewal that is due, if the cluster's settings allow it; otherwise only report"),
    },
    defaults: ({ certificates }) => ({ thresholdDays: certificates.thresholdDays, renew: true }),
  }),
  'renew-certificates': define({
    asks: ['control-plane', 'worker'],
    options: {
      force: z.boolean().optional().describe('Renew also what was renewed within the last hour'),
      /**
       * Ask every kubelet, also those of workers. One whose client certificate has expired gets a new one, as on nodes that were off for
       * longer than a certificate lives; one that is stopped is started. Control planes that expired certificates have stopped come
       * first, as many as etcd can spare; of a dead cluster all.
       */
      kubelets: z
        .boolean()
        .optional()
        .describe('Ask every kubelet, also on workers: for nodes that were off for too long'),
      waitForWindow,
    },
    defaults: () => ({ force: false, kubelets: false, waitForWindow: false }),
    stopsBetweenNodes: true,
  }),
  'back-up-etcd': define({ asks: ['control-plane', 'etcd'], options: {}, defaults: () => ({}) }),
  upgrade: define({
    asks: ['control-plane', 'worker'],
    options: upgradeOptions,
    defaults: upgradeDefaults,
    drains: true,
    stopsBetweenNodes: true,
  }),
  'create-cluster': define({ asks: ['control-plane', 'worker', 'etcd'], options: {}, defaults: () => ({}) }),
  'join-node': define({
    asks: ['control-plane', 'worker'],
    options: {
      nodes: z
        .array(machineName)
        .min(1, 'must name a machine')
        .max(50)
        .describe('Machines that become nodes, by instance id or name'),
    },
    defaults: () => ({}),
    replaces: true,
  }),
  'remove-node': define({
    asks: ['control-plane', 'worker'],
    options: {
      ...leavingNode,
      hurry: z
        .boolean()
        .optional()
        .describe('Its instance is about to end: the drain takes 90 seconds at most, from half a minute on by force'),
    },
    defaults: () => ({ force: false, hurry: false }),
    drains: true,
    replaces: true,
  }),
  'replace-node': define({
    asks: ['control-plane', 'worker'],
    options: {
      ...leavingNode,
      with: machineName.describe('The machine that takes its place, by instance id or name'),
    },
    defaults: () => ({ force: false }),
    drains: true,
  }),
  reconfigure: define({
    asks: ['control-plane', 'worker'],
    options: {
      overwrite: z
        .boolean()
        .optional()
        .describe('Replace what somebody changed by hand on nodes and the settings do not say'),
      waitForWindow,
    },
    defaults: () => ({ overwrite: false, waitForWindow: false }),
    stopsBetweenNodes: true,
  }),
};
export type OperationName = keyof typeof OPERATION;
export const OPERATIONS = Object.keys(OPERATION) as [OperationName, ...OperationName[]];
/** The roles of the nodes that an operation runs commands on. */
export type AskedRole<Name extends OperationName> = (typeof OPERATION)[Name]['asks'][number];

export const isReadOnly = (operation: OperationName): boolean =>
  (OPERATION[operation] as { readOnly?: true }).readOnly === true;

export const asks = (operation: OperationName, role: NodeRole): boolean =>
  (OPERATION[operation].asks as readonly NodeRole[]).includes(role);

/** The input of an operation's state machine: `{"cluster":"demo"}` is enough. */
export type OperationInput<Name extends OperationName = OperationName> = z.output<typeof common> & OwnFields<Name>;

/** What the caller asked for, with a value for everything that the caller left out. */
export type OperationOptions<Name extends OperationName = OperationName> = Name extends OperationName
  ? { planOnly: boolean } & Required<OwnFields<Name>> & FromReplacement<Name>
  : never;

const common = z.strictObject({
  cluster: clusterName,
  /** Return the plan (or the nodes that would be asked) and stop before anything changes. */
  planOnly: z.boolean().optional(),
  trigger: trigger.optional(),
});

/** Schema of OperationInput. */
export const operationInput = (operation: OperationName): z.ZodObject =>
  common.extend(OPERATION[operation].options).extend(replaces(operation) ? fromReplacement : {});

/** What `start-operation` takes as options: all of the input but the cluster, the trigger, and what one operation says to another. */
export const requestedOptions = (operation: OperationName): z.ZodObject =>
  common.extend(OPERATION[operation].options).omit({ cluster: true, trigger: true });

/** Schema of OperationOptions, for the Lambdas that get them from the state machine. */
export const operationOptions = <Name extends OperationName>(operation: Name) =>
  z
    .object({ planOnly: z.boolean(), ...OPERATION[operation].options })
    .required()
    .extend(replaces(operation) ? { replacement: fromReplacement.replacement } : {}) as unknown as z.ZodType<
    OperationOptions<Name>,
    OperationOptions<Name>
  >;

type OwnFields<Name extends OperationName> = z.output<z.ZodObject<(typeof OPERATION)[Name]['options']>>;

/** Operations that cordon nodes: what they leave cordoned is given back. */
export const drains = (operation: string): boolean =>
  (OPERATION as Record<string, { drains?: true }>)[operation]?.drains === true;

/** Operations that go from node to node: they can be asked to stop between two, and do so when the cluster is frozen or their maintenance window closes. */
export const stopsBetweenNodes = (operation: string): boolean =>
  (OPERATION as Record<string, { stopsBetweenNodes?: true }>)[operation]?.stopsBetweenNodes === true;

/** replace-node runs it as a part of its own work. */
const replaces = (operation: OperationName): boolean => (OPERATION[operation] as { replaces?: true }).replaces === true;
type FromReplacement<Name extends OperationName> = (typeof OPERATION)[Name] extends { replaces: true }
  ? { replacement?: Replacement | undefined }
  : unknown;

interface Definition<Options extends z.ZodRawShape, Asks extends readonly NodeRole[]> {
  /** Roles of the nodes that it runs commands on: those whose SSM agent find-nodes asks about. */
  asks: Asks;
  /**
   * true: it changes nothing. What is wrong with one node is then a finding about that node, where an operation that changes something
   * refuses; and its execution can hold no lock.
   */
  readOnly?: true;
  /** Fields of its input, beside those that every operation has. */
  options: Options;
  /** For every field that may be left out, the value that it then has. */
  defaults(settings: ClusterConfig): Defaults<z.output<z.ZodObject<Options>>>;
  /** It drains nodes. */
  drains?: true;
  /** Before each node it reads whether it is to stop; started again, it goes on. */
  stopsBetweenNodes?: true;
  /** replace-node runs it as a part of its own work, and then it works under that operation's lock. */
  replaces?: true;
}

type Defaults<Fields> = {
  [Name in keyof Fields as undefined extends Fields[Name] ? Name : never]-?: Exclude<Fields[Name], undefined>;
};

function define<
  Options extends z.ZodRawShape,
  const Asks extends readonly NodeRole[],
  const Rest extends Partial<Definition<Options, Asks>>,
>(definition: Definition<Options, Asks> & Rest): Definition<Options, Asks> & Pick<Rest, 'replaces' & keyof Rest> {
  return definition;
}

/**
 * To the Lambda `start-operation`, the one way in which an operation starts another one, or a schedule, the API or a chat starts one.
 */
export const startOperationInput = z.strictObject({
  operation: z.enum(OPERATIONS),
  cluster: clusterName,
  /** Fields of the operation's own input, and `planOnly`: see `requestedOptions`. */
  options: z.record(z.string(), z.unknown()).default({}),
  trigger,
});
export type StartOperationInput = z.infer<typeof startOperationInput>;
/** The same as its callers write it. */
export type StartRequest = z.input<typeof startOperationInput>;

export const startedOperation = z.object({
  executionArn: z.string(),
  /** false: the same trigger had been delivered before, and this is the execution it started then. */
  started: z.boolean(),
  status: z.string(),
});
export type StartedOperation = z.infer<typeof startedOperation>;
