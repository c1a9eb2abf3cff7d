import type { Node, OutputLine } from './nodes/node';

/** Who wants to hear what happens inside the local AWS. */
export interface Listeners {
  /** Each line that a Lambda function wrote. */
  onFunctionOutput?(functionName: string, line: string): void;
  /** Something went wrong that no caller learns of, such as an event that no target took. */
  onProblem?(sentence: string): void;
  /** Each line that a script wrote on a node. */
  onNodeOutput?(node: Node, output: OutputLine & { commandId: string; document: string }): void;
}
