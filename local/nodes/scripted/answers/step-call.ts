import type { NodeModel } from '../node-model';

/** A node step that a node was asked for; parameters as the script finds them, without `SSM_`. */
export interface StepCall<Node extends NodeModel = NodeModel> {
  node: Node;
  step: string;
  parameters: Record<string, string>;
}
