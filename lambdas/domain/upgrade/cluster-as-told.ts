import type { NodeResult } from '../../contracts/run-on-nodes';
import { upgradeFacts, type ClusterFacts, type UpgradeFacts } from '../../contracts/upgrade-facts';
import { parseResults, type Answer, type NoAnswer } from '../nodes/answers';

/** What control planes say when only they are asked. */
export interface ToldCluster {
  controlPlanes: Answer<UpgradeFacts>[];
  noAnswers: NoAnswer[];
  /** As the first control plane tells it that can; undefined when none can. */
  facts?: ClusterFacts;
}

export function readToldCluster(results: NodeResult[]): ToldCluster {
  const { answers, noAnswers } = parseResults(upgradeFacts, results);
  const facts = answers.find(({ value }) => value.cluster)?.value.cluster;
  return { controlPlanes: answers, noAnswers, ...(facts && { facts }) };
}

/** What the API server says of a node; undefined where it does not know it, or had no room to tell. */
export const stateOf = (facts: ClusterFacts | undefined, nodeName: string): ClusterFacts['nodes'][number] | undefined =>
  facts?.nodes.find(({ names }) => names.includes(nodeName));
