import type * as z from 'zod';
import type { ClusterNode } from '../../contracts/node';
import type { Gate, Plan } from '../../contracts/plan';
import type { planReplacementInput, ReplacementPlan } from '../../contracts/replace';
import { decide } from '../../domain/plan';
import { likeForLike, twoMachines } from '../../gates/replacement-gates';

/**
 * One plan of two: what either of them says no to keeps both from beginning. A machine that has joined already, and a node that has left, have
 * nothing left to do.
 */
export function planReplacement(input: z.output<typeof planReplacementInput>): ReplacementPlan {
  const { cluster, options, nodes, removal, join } = input;
  const joining = findMachine(nodes, options.with);
  const { target, kind } = removal;
  const halves = kind === 'dead' ? [removal, join] : [join, removal];
  const wanted = {
    ...({ operation: 'replace-node', kind } as const),
    ...{ cluster, node: target?.instanceId ?? options.node, with: joining?.instanceId ?? options.with },
    summary: summarise(input, joining),
    steps: halves.flatMap(({ steps }) => steps),
    gates: [
      ...[twoMachines(target, joining), likeForLike(target, joining)],
      ...halves.flatMap((half) =>
        half.gates.map((gate): Gate => ({ ...gate, name: `${half.operation}: ${gate.name}` })),
      ),
    ],
    whenDone: `${joining?.name ?? options.with} has taken the place of ${target?.name ?? options.node}. ${removal.whenDone}`,
    predictedSeconds: halves.reduce((sum, one) => sum + one.predictedSeconds, 0),
  };
  return decide<ReplacementPlan>(wanted, {
    whatIsNotDone: `${target?.name ?? options.node} is not replaced`,
    nothingToDo: halves.every(isNothing),
    details: { removal: removal.digest, join: join.digest },
  });
}

const isNothing = ({ decision }: Pick<Plan, 'decision'>): boolean => decision === 'nothing';

/** As a join finds it: by instance id, else by name. */
const findMachine = (nodes: ClusterNode[], word: string): ClusterNode | undefined =>
  nodes.find(({ instanceId }) => instanceId === word) ?? nodes.find(({ name }) => name === word);

function summarise(
  { cluster, options, removal, join }: z.output<typeof planReplacementInput>,
  joining: ClusterNode | undefined,
): string {
  const [leaves, joins] = [removal.target?.name ?? options.node, joining?.name ?? options.with];
  if (isNothing(join) && isNothing(removal)) return `${joins} is a node of ${cluster}, and ${leaves} is none any more.`;
  if (isNothing(join)) return `${joins} is a node of ${cluster} already. ${removal.summary}`;
  if (isNothing(removal)) return `${leaves} is no node of ${cluster} any more. ${join.summary}`;
  return removal.kind === 'dead'
    ? `${leaves}, whose machine is gone, is removed from ${cluster}, then ${joins} joins in its place.`
    : `${joins} joins ${cluster}, then ${leaves} leaves it for good.`;
}
