import { assignedWhereTrue, namesIn } from './expression-names';
import type { Scope, State } from './state-machine';
import { expressionIn, expressionsIn } from './state-machine';

type Names = ReadonlySet<string>;
/** A way out of a state: to which state, and what is assigned on it beside what was before. */
interface Way {
  to: unknown;
  assigned: string[];
}

/**
 * A sentence for each variable that a state reads although there is a way to the state on which nothing has assigned it: through
 * Choice rules, catchers and the scopes of Parallel and Map, which see the variables outside them and keep their own to themselves.
 * An expression that asks `$exists($x)` may read `$x`; so may all that follows a Choice rule with that condition.
 */
export function unassignedVariables(scope: Scope, outside: Names = new Set()): string[] {
  const assigned = assignedBefore(scope, outside);
  return Object.entries(scope.States).flatMap(([name, state]) => {
    const before = assigned.get(name);
    // Nothing leads to it, so it reads nothing.
    if (!before) return [];
    const { Branches, ItemProcessor, ...own } = state;
    const inner = [...((Branches as Scope[] | undefined) ?? []), ...(ItemProcessor ? [ItemProcessor as Scope] : [])];
    return [
      ...expressionsIn(own).flatMap(({ where, expression }) =>
        readUnassigned(expression, before).map(
          (variable) => `"${name}" reads $${variable} in ${where}, which no state has assigned on some way to it.`,
        ),
      ),
      ...inner.flatMap((scope) => unassignedVariables(scope, before)),
    ];
  });
}

function readUnassigned(expression: string, assigned: Names): string[] {
  const { read, asked } = namesIn(expression);
  return [...read].filter((name) => !assigned.has(name) && !asked.has(name));
}

/** What is assigned on every way to each state, when it is entered. */
function assignedBefore(scope: Scope, outside: Names): Map<string, Names> {
  const before = new Map<string, Names>([[scope.StartAt, outside]]);
  const pending = [scope.StartAt];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    for (const { to, assigned } of waysOut(scope.States[name]!)) {
      if (typeof to !== 'string') continue;
      const here = new Set([...before.get(name)!, ...assigned]);
      const known = before.get(to);
      const both = known ? new Set([...known].filter((variable) => here.has(variable))) : here;
      if (known?.size === both.size) continue;
      before.set(to, both);
      pending.push(to);
    }
  }
  return before;
}

function waysOut({ Next, Default, Assign, Choices, Catch }: State): Way[] {
  const rules = (Choices as Record<string, unknown>[] | undefined) ?? [];
  const catchers = (Catch as Record<string, unknown>[] | undefined) ?? [];
  return [
    { to: Next ?? Default, assigned: namesOf(Assign) },
    ...rules.map((rule) => ({ to: rule.Next, assigned: [...namesOf(rule.Assign), ...whereTrue(rule.Condition)] })),
    ...catchers.map((catcher) => ({ to: catcher.Next, assigned: namesOf(catcher.Assign) })),
  ];
}

const namesOf = (assign: unknown) => Object.keys((assign as object | undefined) ?? {});

function whereTrue(condition: unknown): string[] {
  const expression = typeof condition === 'string' ? expressionIn(condition) : undefined;
  return expression === undefined ? [] : assignedWhereTrue(expression);
}
