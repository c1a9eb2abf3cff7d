import type { AwsDoor, AwsOutput } from '../local/aws/aws-call';
import { ACCOUNT } from '../local/aws/aws-call';
import { Clock } from '../local/clock';
import { StepFunctions } from '../local/step-functions/step-functions';

/** How often a loop goes round: few enough to stay under 25,000 history events. */
const ROUNDS = 2000;

const LOOP = {
  Pass: { Count: { Type: 'Pass', Assign: { n: '{% $n + 1 %}' }, Next: 'Enough?' } },
  Task: {
    Count: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:sts:getCallerIdentity',
      Arguments: {},
      Assign: { n: '{% $n + 1 %}' },
      Next: 'Enough?',
    },
  },
};

export interface EngineThroughput {
  name: string;
  transitions: number;
  perSecond: number;
}

/** Transitions a second of a counting loop, of Pass states and of Tasks whose call answers at once. */
export async function measureEngine(): Promise<EngineThroughput[]> {
  const rows: EngineThroughput[] = [];
  for (const [name, states] of Object.entries(LOOP)) rows.push(await measureLoop(`${name} and Choice`, states));
  return rows;
}

async function measureLoop(name: string, states: Record<string, object>): Promise<EngineThroughput> {
  let transitions = 0;
  const door: AwsDoor = { call: () => Promise.resolve<AwsOutput>({}) };
  let end: (status: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => (end = resolve));
  const machine = new StepFunctions({
    door,
    clock: new Clock(),
    emit: ({ detail }) => detail.status !== 'RUNNING' && end(String(detail.status)),
    countTransition: () => transitions++,
  });
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'Begin',
    States: {
      Begin: { Type: 'Pass', Assign: { n: 0 }, Next: 'Count' },
      ...states,
      'Enough?': { Type: 'Choice', Choices: [{ Condition: `{% $n >= ${ROUNDS} %}`, Next: 'Done' }], Default: 'Count' },
      Done: { Type: 'Succeed' },
    },
  };
  const arn = await machine.createFromTemplate({
    name: 'bench',
    definition: JSON.stringify(definition),
    roleArn: `arn:aws:iam::${ACCOUNT}:role/bench`,
  });
  const started = performance.now();
  await machine.service.actions.StartExecution!.run({ stateMachineArn: arn, input: '{}' }, { principal: 'user' });
  const status = await ended;
  const seconds = (performance.now() - started) / 1000;
  await machine.service.stop?.();
  if (status !== 'SUCCEEDED') throw new Error(`The loop of ${name} ended with ${status}.`);
  return { name, transitions, perSecond: transitions / seconds };
}
