import type { Finding } from './certificate-report';
import type { UserErrorName } from './operation';

/** Headings of docs/operator-runbook.md, which notifications and alarms point to by these very words. */
export const RUNBOOK = {
  expiry: 'Certificates run out',
  caExpiry: 'A CA runs out',
  kubeletClient: 'A kubelet does not rotate its client certificate',
  kubeletServing: 'A kubelet serving certificate runs out',
  externallyManaged: 'Certificates of an external CA',
  damaged: 'A certificate is missing or unreadable',
  notServed: 'A renewed certificate is not served',
  notListening: 'A port does not answer',
  unreachable: 'A node does not answer',
  stepFailed: 'A node step failed',
  noMajority: 'etcd has no majority',
  gateRefused: 'A gate refused',
  locked: 'A cluster is locked',
  notProven: 'A renewal is not proven',
  wrongInput: 'Wrong input or configuration',
  operationFailed: 'An operation failed',
} as const;

export const RUNBOOK_OF_FINDING: Record<Finding['kind'], string> = {
  expired: RUNBOOK.expiry,
  expiring: RUNBOOK.expiry,
  'ca-expired': RUNBOOK.caExpiry,
  'ca-expiring': RUNBOOK.caExpiry,
  missing: RUNBOOK.damaged,
  unreadable: RUNBOOK.damaged,
  'not-served': RUNBOOK.notServed,
  'not-listening': RUNBOOK.notListening,
  'node-unreachable': RUNBOOK.unreachable,
  'node-failed': RUNBOOK.stepFailed,
};

export const RUNBOOK_OF_ERROR: Record<UserErrorName, string> = {
  InvalidInput: RUNBOOK.wrongInput,
  InvalidClusterConfig: RUNBOOK.wrongInput,
  UnknownCluster: RUNBOOK.wrongInput,
  NoControlPlane: RUNBOOK.wrongInput,
  MixedClusters: RUNBOOK.wrongInput,
  NodeUnreachable: RUNBOOK.unreachable,
  AgentTooOld: RUNBOOK.unreachable,
  NodeStepTimedOut: RUNBOOK.stepFailed,
  NodeStepFailed: RUNBOOK.stepFailed,
  GateRefused: RUNBOOK.gateRefused,
  ClusterLocked: RUNBOOK.locked,
  RenewalNotProven: RUNBOOK.notProven,
};
