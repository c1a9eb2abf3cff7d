import type { ExprNode } from 'jsonata';

/** A part of a parsed expression. The parser's trees have more than the published type says. */
export type Part = Omit<ExprNode, 'arguments' | 'type'> & { type: string } & Record<string, unknown>;

/** Where a part stands in its expression. */
export interface Place {
  /** Names that the expression itself gives a value: parameters, `:=`, `@` and `#`. */
  locals: ReadonlySet<string>;
  /** False where `$` and field names would read the input of the whole expression, which has none in Step Functions. */
  inContext: boolean;
}

/** Called for each part before those inside it; for `$f(x)` with the call and with `x`, not with the variable `f`. */
export type Visit = (part: Part, place: Place) => void;

/** Goes through a parsed expression. @throws Error for a kind of part that is not known here */
export function walkExpression(ast: ExprNode, visit: Visit): void {
  new Walk(visit).part(ast as unknown as Part, new Set(), false);
}

export function partsOf(value: unknown): Part[] {
  return (value as Part[] | undefined) ?? [];
}

class Walk {
  constructor(private readonly visit: Visit) {}

  part(part: Part, locals: Set<string>, inContext: boolean): void {
    this.visit(part, { locals, inContext });
    this.inside(part, locals, inContext);
    for (const stage of [...partsOf(part.predicate), ...partsOf(part.stages)]) {
      if (stage.type === 'index') locals.add(String(stage.value));
      else this.part(stage.expr as Part, locals, true);
    }
    if (part.group) this.pairs((part.group as Part).lhs, locals, true);
  }

  private inside(part: Part, locals: Set<string>, inContext: boolean): void {
    const each = (parts: unknown[], isInContext = inContext) =>
      parts.forEach((inner) => inner && this.part(inner as Part, locals, isInContext));
    switch (part.type) {
      case 'path':
        return this.path(part, locals, inContext);
      case 'function':
      case 'partial': {
        const procedure = part.procedure as Part;
        if (procedure.type !== 'variable') this.part(procedure, locals, inContext);
        return each(partsOf(part.arguments));
      }
      case 'lambda': {
        const parameters = partsOf(part.arguments).map(({ value }) => String(value));
        return this.part(part.body as Part, new Set([...locals, ...parameters]), inContext);
      }
      case 'bind':
        locals.add(String((part.lhs as unknown as Part).value));
        return each([part.rhs]);
      case 'block': {
        const inner = new Set(locals);
        return partsOf(part.expressions).forEach((expression) => this.part(expression, inner, inContext));
      }
      case 'condition':
        return each([part.condition, part.then, part.else]);
      case 'unary':
        each([part.expression]);
        if (part.value === '{') this.pairs(part.lhs, locals, inContext);
        return each(partsOf(part.expressions));
      case 'binary':
      case 'apply':
        return each([part.lhs, part.rhs]);
      case 'transform':
        return each([part.pattern, part.update, part.delete], true);
      case 'sort':
        return each(
          partsOf(part.terms).map(({ expression }) => expression),
          true,
        );
      case 'variable':
      case 'name':
      case 'wildcard':
      case 'descendant':
      case 'parent':
      case 'string':
      case 'number':
      case 'value':
      case 'regex':
      case 'operator':
        return;
      default:
        throw new Error(`it has a part of a kind that the local engine does not know: ${part.type}`);
    }
  }

  private path(part: Part, locals: Set<string>, inContext: boolean): void {
    const inner = new Set(locals);
    partsOf(part.steps).forEach((step, index) => {
      if (step.focus) inner.add(String(step.focus));
      if (step.index) inner.add(String(step.index));
      this.part(step, inner, inContext || index > 0);
    });
  }

  private pairs(pairs: unknown, locals: Set<string>, inContext: boolean): void {
    for (const pair of pairs as [Part, Part][]) pair.forEach((part) => this.part(part, locals, inContext));
  }
}
