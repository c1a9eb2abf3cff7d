import type { ScriptOutcome } from '../../../local/nodes/node';
import type { StepCall } from '../../../local/nodes/scripted/answers/step-call';
import type { ScriptedCluster } from '../../../local/nodes/scripted/scripted-cluster';
import type { ScriptedNode } from '../../../local/nodes/scripted/scripted-node';

/** What a node does instead of answering as ever, or around it: `answer` gives that answer. */
type Instead = (answer: () => ScriptOutcome, call: StepCall<ScriptedNode>) => ScriptOutcome | Promise<ScriptOutcome>;

/** The next time that a node (or this one) is asked for the step. */
export function once(cluster: ScriptedCluster, step: string, instead: Instead, node?: string): void {
  const before = cluster.onStep;
  cluster.onStep = async (call, next) => {
    if (call.step !== step || (node && call.node.name !== node)) return before ? before(call, next) : next();
    cluster.onStep = before;
    return instead(next, call);
  };
}
