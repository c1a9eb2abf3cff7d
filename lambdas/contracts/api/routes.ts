import * as z from 'zod';
import { certificateReport } from '../certificate-check';
import { clusterName } from '../cluster-config';
import { OPERATIONS } from '../operation';
import { operationReport } from '../operation-report';
import { ONE_LINE, reason } from './one-line';
import { clusterList, clusterStatus, examination, freezeAnswer, nodeCommands } from './clusters';
import {
  approvalStatus,
  operationDetails,
  operationId,
  OPERATION_STATUSES,
  operationProgress,
  operationSummary,
  startedAnswer,
} from './operations';

/** Every answer that is not 2xx. */
export const apiError = z
  .object({
    /** A name to act on in a program: InvalidInput, UnknownCluster, NotFound ... */
    error: z.string(),
    /** One sentence: what was got, what was expected. */
    message: z.string(),
    whatToDo: z.string().optional(),
  })
  .meta({ id: 'Error' });
export type ApiError = z.infer<typeof apiError>;

/** SSM parameter in which a deployment keeps the address of its API. */
export const API_PARAMETER = '/kubeadm-autopilot/api';
/** Header of POST requests that start something: the same value again starts nothing. */
export const IDEMPOTENCY_KEY = 'idempotency-key';
export const idempotencyKey = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores');

interface Route {
  method: 'GET' | 'POST';
  /** As API Gateway writes it: `/clusters/{cluster}`. */
  path: string;
  summary: string;
  /** What the placeholders of the path stand for. */
  parameters: z.ZodObject;
  query: z.ZodObject;
  /** Absent: a body is refused. `options`: the fields of the operation that the path names. */
  body?: z.ZodType | 'options';
  /** It starts something, and so takes an Idempotency-Key. */
  idempotent?: true;
  status: 200 | 202;
  answer: z.ZodType;
}

const none = z.strictObject({});
const ofCluster = { parameters: z.strictObject({ cluster: clusterName }), query: none };
const ofOperation = { parameters: z.strictObject({ id: operationId }), query: none };
const start = {
  parameters: z.strictObject({ cluster: clusterName, operation: z.enum(OPERATIONS) }),
  query: none,
  body: 'options',
  idempotent: true,
  status: 202,
  answer: startedAnswer,
} as const;
const limit = (most: number, usual: number) =>
  z.coerce.number().int().min(1, `must be 1 to ${most}`).max(most, `must be 1 to ${most}`).default(usual);

/** The HTTPS API: routes of API Gateway, the Lambda, the OpenAPI document and the command line are all made from this table. */
export const ROUTES = {
  listClusters: route({
    method: 'GET',
    path: '/clusters',
    summary: 'All clusters that have tagged instances or a settings file',
    parameters: none,
    query: none,
    status: 200,
    answer: clusterList,
  }),
  describeCluster: route({
    method: 'GET',
    path: '/clusters/{cluster}',
    summary: 'Nodes, running operations, lock, freezes and the last operations of a cluster',
    ...ofCluster,
    status: 200,
    answer: clusterStatus,
  }),
  describeCertificates: route({
    method: 'GET',
    path: '/clusters/{cluster}/certificates',
    summary: 'The report of the last check-certificates that succeeded',
    ...ofCluster,
    status: 200,
    answer: certificateReport.meta({ id: 'CertificateReport' }),
  }),
  examineCluster: route({
    method: 'GET',
    path: '/clusters/{cluster}/doctor',
    summary: 'Whether the app can operate on this cluster: tags, agents, instance profiles, target groups, settings',
    ...ofCluster,
    status: 200,
    answer: examination,
  }),
  startOperation: route({
    method: 'POST',
    path: '/clusters/{cluster}/operations/{operation}',
    summary: 'Start an operation; the body holds its options',
    ...start,
  }),
  planOperation: route({
    method: 'POST',
    path: '/clusters/{cluster}/operations/{operation}/plan',
    summary: 'Start an operation that computes its plan and changes nothing; the plan is its output',
    ...start,
  }),
  freezeCluster: route({
    method: 'POST',
    path: '/clusters/{cluster}/freeze',
    summary: 'Let nothing that changes nodes start on a cluster',
    ...ofCluster,
    body: z.strictObject({ reason }),
    status: 200,
    answer: freezeAnswer,
  }),
  unfreezeCluster: route({
    method: 'POST',
    path: '/clusters/{cluster}/unfreeze',
    summary: 'End a freeze that was set through the API',
    ...ofCluster,
    status: 200,
    answer: freezeAnswer,
  }),
  listOperations: route({
    method: 'GET',
    path: '/operations',
    summary: 'Operations, the latest first: of one cluster or of all, also only those that run',
    parameters: none,
    query: z.strictObject({
      cluster: clusterName.optional(),
      operation: z.enum(OPERATIONS).optional(),
      status: z.enum(OPERATION_STATUSES).optional(),
      limit: limit(100, 20),
    }),
    status: 200,
    answer: z
      .object({
        operations: z.array(operationSummary),
        /** false: there are older executions than were looked through. */
        complete: z.boolean(),
      })
      .meta({ id: 'OperationList' }),
  }),
  describeOperation: route({
    method: 'GET',
    path: '/operations/{id}',
    summary: 'State, current steps, output and failure of an operation',
    ...ofOperation,
    status: 200,
    answer: operationDetails,
  }),
  followOperation: route({
    method: 'GET',
    path: '/operations/{id}/progress',
    summary: 'The steps of an operation with their nodes and times',
    ...ofOperation,
    status: 200,
    answer: operationProgress,
  }),
  reportOperation: route({
    method: 'GET',
    path: '/operations/{id}/report',
    summary:
      'What an operation did: who asked and approved, every step with its times and command, what changed, what it cost',
    ...ofOperation,
    status: 200,
    answer: operationReport,
  }),
  approveOperation: route({
    method: 'POST',
    path: '/operations/{id}/approve',
    summary: 'Approve the plan for which an operation waits; as the person to whom the signing identity belongs',
    ...ofOperation,
    body: z.strictObject({
      /** Of the plan that was seen. */
      digest: z.string().regex(/^[0-9a-f]{64}$/, 'must be the digest of the plan, 64 hexadecimal digits'),
    }),
    status: 200,
    answer: approvalStatus,
  }),
  rejectOperation: route({
    method: 'POST',
    path: '/operations/{id}/reject',
    summary: 'Reject the plan for which an operation waits, which ends it',
    ...ofOperation,
    body: z.strictObject({ reason }),
    status: 200,
    answer: approvalStatus,
  }),
  stopOperation: route({
    method: 'POST',
    path: '/operations/{id}/stop',
    summary: 'Stop an operation; a script that runs on a node ends by itself',
    ...ofOperation,
    // afterNode: of an operation that goes from node to node; the node at which it is is finished, and no other begins.
    body: z.strictObject({ reason, afterNode: z.boolean().optional() }),
    status: 200,
    answer: operationSummary,
  }),
  describeNodeCommands: route({
    method: 'GET',
    path: '/nodes/{node}/commands',
    summary: 'The last scripts that ran on a node, with what Run Command kept of their output',
    parameters: z.strictObject({
      /** Instance id or Name tag. */
      node: z.string().min(1).max(200).regex(ONE_LINE, 'must be an instance id or a name'),
    }),
    query: z.strictObject({ cluster: clusterName.optional(), limit: limit(20, 5) }),
    status: 200,
    answer: nodeCommands,
  }),
};
export type RouteName = keyof typeof ROUTES;
export const ROUTE_NAMES = Object.keys(ROUTES) as RouteName[];

/** A request as the Lambda's actions get it, checked. */
export interface ApiRequest<Name extends RouteName = RouteName> {
  parameters: z.output<(typeof ROUTES)[Name]['parameters']>;
  query: z.output<(typeof ROUTES)[Name]['query']>;
  body: (typeof ROUTES)[Name] extends { body: infer Body extends z.ZodType }
    ? z.output<Body>
    : (typeof ROUTES)[Name] extends { body: 'options' }
      ? Record<string, unknown>
      : undefined;
  /** ARN of the IAM identity that signed the request; of a chat `slack:WORKSPACE/USER` or `webhook:NAME`, as its signature proves it. */
  who: string;
  /** Which way it came; absent: the HTTPS API. */
  source?: string;
  idempotencyKey?: string | undefined;
}
export type ApiAnswer<Name extends RouteName> = z.output<(typeof ROUTES)[Name]['answer']>;

function route<const Definition extends Route>(definition: Definition): Definition {
  return definition;
}
