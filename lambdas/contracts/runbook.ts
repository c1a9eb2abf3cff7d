import type { Finding } from './certificate-check';

/**
 * Headings of docs/operator-runbook.md, which notifications point to by these very words. Each error name of USER_ERRORS is a heading
 * there too.
 */
export const RUNBOOK = {
  expiry: 'Certificates run out',
  notYetValid: 'Not yet valid',
  caExpiry: 'CA certificates run out',
  anotherCa: 'Signed by another CA',
  renewalRefused: 'A renewal is refused',
  anotherNode: 'Made for another node',
  namesMissing: 'Names missing',
  dead: 'A dead cluster',
  notChecked: 'Nodes not checked',
  operationFailed: 'Operation failed',
} as const;

export const RUNBOOK_OF_FINDING: Record<Finding['kind'], string> = {
  expired: RUNBOOK.expiry,
  expiring: RUNBOOK.expiry,
  'not-yet-valid': RUNBOOK.notYetValid,
  'ca-expired': RUNBOOK.caExpiry,
  'ca-expiring': RUNBOOK.caExpiry,
  missing: RUNBOOK.expiry,
  unreadable: RUNBOOK.expiry,
  'signed-by-another-ca': RUNBOOK.anotherCa,
  'mixed-clusters': 'MixedClusters',
  'wrong-role': 'InvalidClusterConfig',
  'made-for-another-node': RUNBOOK.anotherNode,
  'names-missing': RUNBOOK.namesMissing,
  'renewal-refused': RUNBOOK.renewalRefused,
  'not-served': RUNBOOK.expiry,
  'not-listening': RUNBOOK.expiry,
  'node-unreachable': RUNBOOK.notChecked,
  'node-failed': RUNBOOK.notChecked,
};
