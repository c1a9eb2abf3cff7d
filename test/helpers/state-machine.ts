import { resourcesOf } from './template';

export type State = Record<string, unknown> & { Type: string; Next?: string; Default?: string };
export interface Scope {
  StartAt: string;
  States: Record<string, State>;
}
export interface Definition extends Scope {
  QueryLanguage: string;
  TimeoutSeconds: number;
}

/** The definitions in the synthesised template, by the state machines' names without `kubeadm-autopilot-`. */
export function definitions(): Record<string, Definition> {
  const machines = Object.values(
    resourcesOf<{ StateMachineName: string; DefinitionString: string }>('AWS::StepFunctions::StateMachine'),
  );
  return Object.fromEntries(
    machines.map(({ StateMachineName: name, DefinitionString: text }) => [
      name.replace('kubeadm-autopilot-', ''),
      JSON.parse(text) as Definition,
    ]),
  );
}

/** All states of a definition by name, those of branches and Maps too. */
export function statesOf(scope: Scope): Record<string, State> {
  const inner = Object.values(scope.States).flatMap((state) => [
    ...((state.Branches as Scope[] | undefined) ?? []),
    ...(state.ItemProcessor ? [state.ItemProcessor as Scope] : []),
  ]);
  return Object.assign({}, scope.States, ...inner.map(statesOf)) as Record<string, State>;
}

/**
 * Every way from one state to another: `A → B`, `A [condition] → B`, `A {error} → B`, `A ⊃ B` for the first state of a branch or Map.
 */
export function ways(scope: Scope): string[] {
  return Object.entries(statesOf(scope)).flatMap(([name, state]) => [
    ...inside(state).map((first) => `${name} ⊃ ${first}`),
    ...list(state.Choices).map(({ Condition, Next }) => `${name} [${expressionIn(Condition)}] → ${Next}`),
    ...list(state.Catch).map(
      ({ ErrorEquals, Next }) => `${name} {${(ErrorEquals as unknown as string[])[0]}} → ${Next}`,
    ),
    ...[state.Next, state.Default].filter((next) => next !== undefined).map((next) => `${name} → ${next}`),
  ]);
}

const inside = (state: State) =>
  [...list(state.Branches), ...(state.ItemProcessor ? [state.ItemProcessor as Record<string, string>] : [])].map(
    ({ StartAt }) => StartAt,
  );
const list = (value: unknown) => (value as Record<string, string>[] | undefined) ?? [];

/** Every JSONata expression below a value, with where it stands. */
export function expressionsIn(value: unknown, where = ''): { where: string; expression: string }[] {
  if (typeof value === 'string') {
    const expression = expressionIn(value);
    return expression === undefined ? [] : [{ where, expression }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => expressionsIn(member, where ? `${where}.${key}` : key));
}

export const expressionIn = (text: string | undefined) => /^\{%\s*([\s\S]*?)\s*%\}$/.exec(text ?? '')?.[1];
