import * as z from 'zod';
import { clusterVersions } from '../certificate-check';
import { clusterName } from '../cluster-config';
import { clusterNode } from '../node';
import { operationSummary } from './operations';

/** Why nothing that changes nodes may start, and what ends that. */
export const freeze = z
  .object({
    /** settings: clusters/<name>.yaml; tag: on one of its nodes; api: set by a person through the API. */
    by: z.enum(['settings', 'tag', 'api']),
    reason: z.string(),
    who: z.string().optional(),
    since: z.string().optional(),
  })
  .meta({ id: 'Freeze' });
export type Freeze = z.infer<typeof freeze>;

const count = z.number().int();

export const clusterSummary = z
  .object({
    cluster: z.string(),
    controlPlanes: count,
    workers: count,
    etcdNodes: count,
    /** It has a file clusters/<name>.yaml, and so a schedule. */
    configured: z.boolean(),
    /** The operation that holds the cluster's lock. */
    lockedBy: z.string().optional(),
    freezes: z.array(freeze),
    /** Why the nodes cannot be told apart, such as a role tag with an unknown value. */
    problem: z.string().optional(),
  })
  .meta({ id: 'ClusterSummary' });
export type ClusterSummary = z.infer<typeof clusterSummary>;
export const clusterList = z.object({ clusters: z.array(clusterSummary) }).meta({ id: 'ClusterList' });

export const nodeStatus = clusterNode
  .extend({
    /** EC2's word: running, stopped ... */
    state: z.string(),
    agentVersion: z.string().optional(),
  })
  .meta({ id: 'NodeStatus' });
export type NodeStatus = z.infer<typeof nodeStatus>;

export const clusterStatus = z
  .object({
    cluster: clusterName,
    configured: z.boolean(),
    /** IANA name: people read this cluster's times in it. */
    timeZone: z.string(),
    /** When certificates are checked; absent without a file. */
    schedule: z.string().optional(),
    nodes: z.array(nodeStatus),
    /** What runs, as the last check-certificates found it; absent before the first one, and where no API server answered it. */
    versions: clusterVersions.extend({ asOf: z.iso.datetime() }).meta({ id: 'ClusterVersionsAsOf' }).optional(),
    /** Who holds the lock, so that no other operation may change nodes. */
    lock: z.object({ id: z.string(), operation: z.string().optional(), since: z.string().optional() }).optional(),
    freezes: z.array(freeze),
    running: z.array(operationSummary),
    /** The latest first. */
    lastOperations: z.array(operationSummary),
  })
  .meta({ id: 'ClusterStatus' });
export type ClusterStatus = z.infer<typeof clusterStatus>;

export const freezeAnswer = z
  .object({
    cluster: z.string(),
    /** false: it was so already. */
    changed: z.boolean(),
    /** What stands now; after unfreeze those that clusters/<name>.yaml or a tag sets. */
    freezes: z.array(freeze),
  })
  .meta({ id: 'FreezeAnswer' });
export type FreezeAnswer = z.infer<typeof freezeAnswer>;

/** One question of the doctor. */
export const diagnosis = z
  .object({
    name: z.string(),
    /** warning: operations work, but not everything is as it should be. */
    outcome: z.enum(['passed', 'warning', 'failed']),
    reason: z.string(),
    whatToDo: z.string().optional(),
  })
  .meta({ id: 'Diagnosis' });
export type Diagnosis = z.infer<typeof diagnosis>;

export const examination = z
  .object({
    cluster: z.string(),
    /** Nothing has failed: the app can operate on this cluster. */
    ready: z.boolean(),
    diagnoses: z.array(diagnosis),
  })
  .meta({ id: 'Examination' });
export type Examination = z.infer<typeof examination>;

export const nodeCommand = z
  .object({
    commandId: z.string(),
    /** The script, such as check-certificates. */
    step: z.string(),
    requestedAt: z.iso.datetime(),
    status: z.string(),
    exitCode: z.number().int().optional(),
    /** What Run Command kept of its output: at most 2,500 characters. */
    output: z.string(),
    /** The first 8,000 characters of its log. */
    log: z.string(),
  })
  .meta({ id: 'NodeCommand' });
export type NodeCommand = z.infer<typeof nodeCommand>;

export const nodeCommands = z
  .object({
    cluster: z.string(),
    instanceId: z.string(),
    node: z.string(),
    /** The latest first. */
    commands: z.array(nodeCommand),
    /** Folder on the node with the whole logs. */
    logFolder: z.string(),
  })
  .meta({ id: 'NodeCommands' });
export type NodeCommands = z.infer<typeof nodeCommands>;
