import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { runOnNodesOutput, type NodeResult, type ResultsOrWhere } from '../contracts/run-on-nodes';
import { stepFunctions } from './clients';

/** The results themselves, in the same order; what executions of RunOnNodes have answered is read from them. */
export async function readNodeResults(resultsOrWhere: ResultsOrWhere): Promise<NodeResult[]> {
  const results: NodeResult[] = [];
  // One after the other: there is one for fifty nodes.
  for (const one of resultsOrWhere) results.push(...(typeof one === 'string' ? await resultsIn(one) : [one]));
  return results;
}

async function resultsIn(executionArn: string): Promise<NodeResult[]> {
  const { output, status } = await stepFunctions().send(new DescribeExecutionCommand({ executionArn }));
  if (output === undefined) throw new Error(`${executionArn} is ${status} and has no output.`);
  return runOnNodesOutput.parse(JSON.parse(output)).nodes;
}
