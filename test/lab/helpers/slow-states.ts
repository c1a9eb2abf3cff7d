import type { World } from '../../operations/helpers/world';

const SLOW_MS = 3_000;

/** `12.3 s Name of the state`, for each state of an execution in which it was for long, in the order in which they were left. */
export async function slowStates(world: World, arn: string): Promise<string[]> {
  const entered = new Map<string, number>();
  return (await world.history(arn)).reverse().flatMap((event) => {
    const at = event.timestamp!.getTime();
    const name = event.stateExitedEventDetails?.name;
    if (event.stateEnteredEventDetails?.name) entered.set(event.stateEnteredEventDetails.name, at);
    const took = name === undefined ? 0 : at - entered.get(name)!;
    return took < SLOW_MS ? [] : [`${(took / 1000).toFixed(1).padStart(5)} s ${name}`];
  });
}
