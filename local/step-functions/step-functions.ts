import type { AwsDoor, AwsService } from '../aws/aws-call';
import type { Clock } from '../clock';
import type { BusEvent } from '../eventbridge/bus-event';
import { Executions } from './api/executions';
import type { NewStateMachine } from './api/state-machines';
import { StateMachines } from './api/state-machines';
import { taskCallbacks } from './api/task-callbacks';
import { TaskTokens } from './engine/task-tokens';
import { stepFunctions } from './expressions/functions';

export interface StepFunctionsOptions {
  /** Tasks call services through it, under their machine's role. */
  door: AwsDoor;
  /** Wait and Retry follow it; time limits of tasks and executions are real. */
  clock: Clock;
  /** Hears the status changes of executions, for the default event bus. */
  emit(event: BusEvent): void;
  /** Called for each state transition that AWS would bill. */
  countTransition(): void;
}

/** Step Functions' Standard workflows with JSONata: the API, and the engine that runs them. */
export class StepFunctions {
  readonly service: AwsService;
  private readonly machines: StateMachines;

  constructor({ door, clock, emit, countTransition }: StepFunctionsOptions) {
    const tokens = new TaskTokens();
    this.machines = new StateMachines(clock, stepFunctions(clock));
    const executions = new Executions(this.machines, { door, clock, emit, countTransition, tokens });
    this.service = {
      name: 'states',
      actions: { ...this.machines.actions, ...executions.actions, ...taskCallbacks(tokens) },
      stop: () => executions.shutDown(),
    };
  }

  /**
   * Creates a state machine of the synthesised app: its tasks call services under its role.
   * @returns its ARN. @throws AwsError InvalidDefinition with each field and state that the engine does not take.
   */
  async createFromTemplate(machine: NewStateMachine): Promise<string> {
    const { arn } = await this.machines.create(machine, machine.roleArn as `arn:${string}`);
    return arn;
  }
}
