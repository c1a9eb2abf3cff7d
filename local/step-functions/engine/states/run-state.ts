import type { RunState } from '../flow';
import { runChoice } from './choice';
import { runFail } from './fail';
import { runMap } from './map';
import { runParallel } from './parallel';
import { runTask } from './task';
import { runWait } from './wait';

/** Each type of state by its own function. */
export const runState: RunState = (flow, state) => {
  switch (state.type) {
    case 'Pass':
    case 'Succeed':
      return flow.leave({ ...state, fallback: flow.position!.input });
    case 'Task':
      return runTask(flow, state);
    case 'Choice':
      return runChoice(flow, state);
    case 'Wait':
      return runWait(flow, state);
    case 'Fail':
      return runFail(flow, state);
    case 'Parallel':
      return runParallel(flow, state);
    case 'Map':
      return runMap(flow, state);
  }
};
