import type { Construct } from 'constructs';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { runOnNodesTask } from '../node-access/run-on-nodes-task';

export interface Inspection {
  /** Also list the certificates. */
  inventory: 'yes' | 'no';
  /** Variable that takes the list of NodeResult. */
  assignTo: string;
  assign?: Record<string, unknown>;
}

/** A state that asks all control planes at once. One that does not answer is for the plan and the gates to judge. */
export function inspectControlPlanes(scope: Construct, name: string, runOnNodes: RunOnNodes, inspection: Inspection) {
  return runOnNodesTask(scope, name, runOnNodes, {
    step: 'inspect-control-plane',
    nodes: '$found.reachable',
    parameters: { Inventory: inspection.inventory },
    tolerateFailures: true,
    assignTo: inspection.assignTo,
    assign: inspection.assign,
  });
}
