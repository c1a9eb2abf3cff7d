import type { UpgradeTurn } from '../../contracts/upgrade';
import type { PlanWavesInput, Waves } from '../../contracts/upgrade-outcomes';
import { readToldCluster, stateOf } from '../../domain/upgrade/cluster-as-told';
import { isOlder } from '../../domain/versions/version';
import { UserError } from '../../runtime/user-error';

/** So many drains may run on one control plane: each is a script there that asks the API server all the time. */
const DRAINS_EACH = 3;
/** An inline Map runs no more at once. */
const MOST_AT_ONCE = 40;

/**
 * Which workers of a group are left, in which waves, and which control plane drains which. The plan may be hours old by now, and an
 * earlier execution may have come further: what the cluster says now counts.
 * @throws UserError NodeUnreachable when no control plane can tell
 */
export function planWaves({ version, group, controlPlanes, facts }: PlanWavesInput): Waves {
  const told = readToldCluster(facts);
  const able = controlPlanes.filter(({ instanceId }) =>
    told.controlPlanes.some((answer) => answer.instanceId === instanceId && answer.value.cluster),
  );
  if (able.length === 0) {
    const why = told.noAnswers[0]?.message ?? told.controlPlanes[0]?.value.clusterReason ?? 'none answered';
    throw new UserError(
      'NodeUnreachable',
      `No control plane can tell how the workers of ${group.group} are (${why}): see that an API server runs, then start the upgrade again.`,
    );
  }
  const left = group.nodes.flatMap((turn) => whatIsLeft(turn) ?? []);
  const turns = left.map((turn, index) => ({ turn, on: able[index % able.length]! }));
  const [canary, ...others] = turns;
  return {
    waves: [canary ? [canary] : [], others].filter(({ length }) => length > 0).map((workers) => ({ workers })),
    atOnce: Math.min(group.maxUnavailable, DRAINS_EACH * able.length, MOST_AT_ONCE),
  };

  function whatIsLeft(turn: UpgradeTurn): UpgradeTurn | undefined {
    const state = stateOf(told.facts, turn.nodeName);
    // A node that the API server does not tell of is upgraded as the plan has it.
    if (!state || isOlder(state.kubelet, version)) return turn;
    return state.ready && state.cordoned !== 'us' ? undefined : { ...turn, done: 'kubelet' };
  }
}
