import { DescribeExecutionCommand, DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { AwsCall, AwsOutput } from '../../../local/aws/aws-call';
import { AwsError } from '../../../local/aws/aws-call';
import { DEPENDENT_ACTIONS } from '../../../local/iam/dependent-actions';
import type { Scope, State } from '../../helpers/state-machine';
import { definitions, statesOf } from '../../helpers/state-machine';
import type { Machine, World } from './world';

/** Names of the states of a synthesised definition that call an AWS service. */
export function taskStates(machine: Machine, keep: (state: State) => boolean = () => true): string[] {
  return Object.entries(statesOf(definitions()[machine] as Scope))
    .filter(([, state]) => state.Type === 'Task' && keep(state))
    .map(([name]) => name);
}

export const invokesLambda = ({ Resource }: State): boolean => Resource === 'arn:aws:states:::lambda:invoke';

export interface Fault {
  machine: Machine;
  state: string;
  /** What happens instead of the call, or around it. Default: an error that trying again does not mend. */
  instead?: (call: AwsCall, next: () => Promise<AwsOutput>) => Promise<AwsOutput>;
  /** How often; default: each time. */
  times?: number;
}

const refused = async ({ service }: AwsCall): Promise<never> => {
  throw new AwsError(service === 'lambda' ? 'ResourceNotFoundException' : 'ValidationException', 'Refused by a test.');
};

/** A Lambda function that threw what nobody expected. */
export const functionThrows = async (): Promise<AwsOutput> => ({
  StatusCode: 200,
  ExecutedVersion: '$LATEST',
  FunctionError: 'Unhandled',
  Payload: new Uint8Array(
    Buffer.from(
      JSON.stringify({
        errorType: 'TypeError',
        errorMessage: 'nodes.map is not a function',
        trace: ['TypeError: nodes.map is not a function', '    at handler (/var/task/index.js:1:1)'],
      }),
    ),
  ),
});

/** Makes the calls of these states fail, until `world.onCall` is set anew. @returns how often each did, by state. */
export async function injectFaults(world: World, ...faults: Fault[]): Promise<Map<string, number>> {
  const hits = new Map(faults.map(({ state }) => [state, 0]));
  const machineOf = new Map<string, Machine>();
  for (const machine of new Set(faults.map(({ machine }) => machine))) {
    const stateMachineArn = world.machineArn(machine);
    const { roleArn } = await world.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    machineOf.set(roleArn!, machine);
  }
  world.onCall = async (call, next) => {
    const machine = machineOf.get(call.caller.principal);
    if (!machine) return next();
    const state = await currentState(world, machine);
    const fault = faults.find((candidate) => candidate.machine === machine && candidate.state === state);
    if (!fault || hits.get(fault.state)! >= (fault.times ?? Infinity)) return next();
    hits.set(fault.state, hits.get(fault.state)! + 1);
    return (fault.instead ?? refused)(call, next);
  };
  return hits;
}

/** The state that the machine's running execution has entered last. */
async function currentState(world: World, machine: Machine): Promise<string | undefined> {
  const running = world.runningOf(machine);
  const arn = running.length > 1 ? await notOfSchedule(world, running) : running[0];
  if (!arn) return undefined;
  const lastEntered = (events: HistoryEvent[]) =>
    events.find(({ stateEnteredEventDetails: entered }) => entered)?.stateEnteredEventDetails?.name;
  // A whole history takes long to send, and this is asked at each call of the app.
  return lastEntered(await world.history(arn, 10)) ?? lastEntered(await world.history(arn));
}

/** The hour of a schedule may come in the middle of a test, and starts a check of the cluster in clusters/demo.yaml. */
async function notOfSchedule(world: World, running: string[]): Promise<string | undefined> {
  for (const arn of running) {
    const { input } = await world.sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
    if ((JSON.parse(input ?? '{}') as { cluster?: string }).cluster !== 'demo') return arn;
  }
  return running[0];
}

/**
 * Takes the right to an action away, everywhere or from roles whose name contains `role`: calls of it are refused, and calls of actions
 * that depend on it. @returns how often one was.
 */
export function deny(world: World, action: string, role = ''): { times: number } {
  const denied = { times: 0 };
  world.onCall = async (call, next) => {
    const called = `${call.service}:${call.action}`;
    const isDenied = called === action || DEPENDENT_ACTIONS[called]?.includes(action);
    if (!isDenied || !call.caller.principal.includes(role)) return next();
    denied.times += 1;
    throw new AwsError(
      'AccessDeniedException',
      `User: ${call.caller.principal} is not authorized to perform: ${action}`,
    );
  };
  return denied;
}
