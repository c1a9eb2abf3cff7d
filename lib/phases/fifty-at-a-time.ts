import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Map, ProvideItems } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { NamedInstance } from '../../lambdas/contracts/node';
import { MOST_INSTANCES } from '../../lambdas/contracts/run-on-nodes';
import type { Assignment } from '../foundation/assign';
import { assignments } from '../foundation/assign';
import type { Expression, Sequence } from '../foundation/expressions';
import { expression, jsonata, list, pick } from '../foundation/expressions';

/** How many commands are under way at once. */
const COMMANDS = 4;

/** Does `act` for as many nodes as a command takes, for several such groups at once. Its first state's input is a list of nodes. */
export function fiftyAtATime(
  scope: Construct,
  name: string,
  {
    nodes,
    assign = [],
  }: { nodes: Expression<Sequence<NamedInstance> | readonly NamedInstance[]>; assign?: Assignment[] },
  act: IChainable,
): Map {
  const groups = expression`[$partition(${list(pick(nodes, 'instanceId', 'name'))}, ${MOST_INSTANCES})]`;
  return Map.jsonata(scope, name, {
    items: ProvideItems.jsonata(jsonata(groups)),
    maxConcurrency: COMMANDS,
    assign: assignments(assign),
    outputs: {},
  }).itemProcessor(act);
}
