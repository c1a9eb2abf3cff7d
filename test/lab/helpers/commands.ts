import { ListCommandInvocationsCommand } from '@aws-sdk/client-ssm';
import type { World } from '../../operations/helpers/world';

/** A script on a node, by Run Command's own times (milliseconds since 1970). */
export interface Turn {
  node: string;
  from: number;
  to: number;
}

/** Every run of a script on a node so far, the first begun first. */
export async function turns(world: World, script: string): Promise<Turn[]> {
  const { CommandInvocations: invocations = [] } = await world.ssm.send(
    new ListCommandInvocationsCommand({ Details: true, MaxResults: 50 }),
  );
  return invocations
    .filter(({ DocumentName: name }) => name === `kubeadm-autopilot-${script}`)
    .flatMap(({ InstanceId: id, CommandPlugins: steps = [] }) =>
      steps.map(({ ResponseStartDateTime: from, ResponseFinishDateTime: to }) => ({
        node: world.nodes.find(({ instanceId }) => instanceId === id)?.name ?? id!,
        from: from!.getTime(),
        to: to?.getTime() ?? Infinity,
      })),
    )
    .sort((a, b) => a.from - b.from);
}

/** Nodes in the order in which their scripts printed, each as often as it began to: a, a, b, a is a, b, a. */
export function whoPrinted(lines: { node: string; document: string }[], script: string): string[] {
  const nodes = lines.filter(({ document }) => document === script).map(({ node }) => node);
  return nodes.filter((node, index) => node !== nodes[index - 1]);
}
