import * as z from 'zod';
import { clusterName } from './cluster-config';
import { namedInstance } from './node';
import { gate } from './plan';
import { nodeResult } from './run-on-nodes';

/** From the Map of renew-certificates to the Lambda `assess-gate`, before each node. */
export const assessGateInput = z.object({
  cluster: clusterName,
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
