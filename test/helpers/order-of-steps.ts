import { definitions, statesOf, ways } from './state-machine';

/** The tests of a state machine's ways: it begins at `start` and takes each of `expected`, conditions in their order, and no other. */
export function takesTheseWays(name: string, start: string, expected: string[]): void {
  const definition = definitions()[name]!;

  test('begins where it should and takes these ways', () => {
    expect(definition.StartAt).toBe(start);
    expect(ways(definition).sort()).toEqual([...expected].sort());
  });

  test('tests its conditions in this order', () => {
    const conditions = (lines: string[]) => lines.filter((line) => line.includes('] → '));
    for (const choice of new Set(conditions(expected).map((line) => line.split(' [')[0]!))) {
      const of = (lines: string[]) => conditions(lines).filter((line) => line.startsWith(`${choice} [`));
      expect(of(ways(definition))).toEqual(of(expected));
    }
  });
}

/** What each Task of a state machine calls, by the state's name. */
export const calls = (name: string) =>
  Object.fromEntries(
    Object.entries(statesOf(definitions()[name]!))
      .filter(([, { Type }]) => Type === 'Task')
      .map(([state, { Resource, Arguments }]) => [
        state,
        called(String(Resource), Arguments as Record<string, unknown>),
      ]),
  );

function called(resource: string, { FunctionName, StateMachineArn, Input }: Record<string, unknown>): string {
  const document = (Input as { document?: string } | undefined)?.document;
  return [resource.replace('arn:aws:states:::', ''), FunctionName ?? StateMachineArn, document]
    .filter(Boolean)
    .join(' ');
}

/** How a node step is called; its name follows. */
export const RUN = 'states:startExecution.sync:2 <RunOnNodes> kubeadm-autopilot-';
