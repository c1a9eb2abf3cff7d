import type { ClusterNode, NamedInstance } from '../../contracts/node';
import { controlPlanesOf, isJoined, type MachinesView } from './machines';

/** Instances that somebody named, by id or by name, and what leads to none or to several. */
export interface Asked {
  nodes: ClusterNode[];
  /** As they were asked for. */
  unknown: string[];
  ambiguous: string[];
}

export function findAsked(words: readonly string[], nodes: ClusterNode[]): Asked {
  const found = [...new Set(words)].map((word) => {
    const byId = nodes.filter(({ instanceId }) => instanceId === word);
    return { word, matches: byId.length > 0 ? byId : nodes.filter(({ name }) => name === word) };
  });
  const matches = found.flatMap((one) => one.matches);
  return {
    nodes: nodes.filter((node) => matches.includes(node)),
    unknown: found.filter((one) => one.matches.length === 0).map(({ word }) => word),
    ambiguous: found.filter((one) => one.matches.length > 1).map(({ word }) => word),
  };
}

/**
 * Of the view what a join is about: the machines asked for, and the control planes that are nodes already. A machine that does not answer
 * counts only where it is asked for, or where a control plane joins: then etcd gets a new member, which all others have to see.
 */
export function viewAsked(view: MachinesView, { nodes }: Asked): MachinesView {
  const isAsked = ({ instanceId }: Pick<NamedInstance, 'instanceId'>) =>
    nodes.some((node) => node.instanceId === instanceId);
  const joinsControlPlane = nodes.some(({ role }) => role === 'control-plane');
  const members = controlPlanesOf(view).filter((machine) => isJoined(machine) && !isAsked(machine));
  const noAnswers = view.noAnswers.filter((one) => joinsControlPlane || isAsked(one));
  return {
    ...view,
    machines: view.machines.filter((machine) => isAsked(machine) || members.includes(machine)),
    noAnswers,
    expected: nodes.length + members.length + noAnswers.filter((one) => !isAsked(one)).length,
  };
}
