import type { ExprNode } from 'jsonata';

/** What an expression at its place in the definition may read. */
export interface Readable {
  /** Workflow variables that this scope or an outer one assigns somewhere. */
  variables: ReadonlySet<string>;
  /** Fields of $states. */
  states: ReadonlySet<string>;
}

/** Functions of JSONata 2.0.6, the version of AWS, without $eval; and those that Step Functions adds. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match contains ' +
    'replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power random boolean not ' +
    'map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert type sort shuffle distinct ' +
    'base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl toMillis fromMillis now millis ' +
    'partition range hash uuid parse'
  ).split(' '),
);

const CONTEXT: Record<string, readonly string[]> = {
  Execution: ['Id', 'Input', 'Name', 'RoleArn', 'StartTime', 'RedriveCount', 'RedriveTime'],
  State: ['EnteredTime', 'Name', 'RetryCount'],
  StateMachine: ['Id', 'Name'],
  Task: ['Token'],
  Map: ['Item'],
};

// The parser's trees have more than the published type says.
type Node = Omit<ExprNode, 'arguments'> & Record<string, unknown>;

/** Sentences for what AWS would refuse or what would always be undefined: unknown functions and variables, a bare $ or field name, $eval. */
export function checkExpression(ast: ExprNode, readable: Readable): string[] {
  const mistakes = new Set<string>();
  new Checker(readable, mistakes).walk(ast as unknown as Node, new Set(), false);
  return [...mistakes];
}

class Checker {
  constructor(
    private readonly readable: Readable,
    private readonly mistakes: Set<string>,
  ) {}

  /** @param inContext false where `$` and field names would read the (absent) input of the whole expression. */
  walk(node: Node, locals: Set<string>, inContext: boolean): void {
    this.node(node, locals, inContext);
    for (const stage of [...list(node.predicate), ...list(node.stages)]) {
      if (stage.type === ('index' as string)) locals.add(String(stage.value));
      else this.walk(stage.expr as Node, locals, true);
    }
    if (node.group) this.pairs((node.group as Node).lhs, locals, true);
  }

  private node(node: Node, locals: Set<string>, inContext: boolean): void {
    switch (node.type as string) {
      case 'variable':
        return this.variable(node, locals, inContext, 'variable');
      case 'name':
      case 'wildcard':
      case 'descendant':
      case 'parent':
        if (!inContext)
          this.mistakes.add(
            `the field "${String(node.value ?? '%')}" is read from nothing: write $states.input.${String(node.value)}`,
          );
        return;
      case 'path':
        return this.path(node, locals, inContext);
      case 'function':
      case 'partial': {
        const procedure = node.procedure as Node;
        if (procedure.type === 'variable') this.variable(procedure, locals, inContext, 'function');
        else this.walk(procedure, locals, inContext);
        return list(node.arguments).forEach((argument) => this.walk(argument, locals, inContext));
      }
      case 'lambda':
        return this.walk(
          node.body as Node,
          new Set([...locals, ...list(node.arguments).map(({ value }) => String(value))]),
          inContext,
        );
      case 'bind':
        locals.add(String((node.lhs as unknown as Node).value));
        return this.walk(node.rhs as unknown as Node, locals, inContext);
      case 'block': {
        const inner = new Set(locals);
        return list(node.expressions).forEach((expression) => this.walk(expression, inner, inContext));
      }
      case 'condition':
        this.refuseNewerOperators(node);
        return [node.condition, node.then, node.else].forEach(
          (part) => part && this.walk(part as Node, locals, inContext),
        );
      case 'unary':
        if (node.expression) this.walk(node.expression as Node, locals, inContext);
        if (node.value === '{') this.pairs(node.lhs, locals, inContext);
        return list(node.expressions).forEach((expression) => this.walk(expression, locals, inContext));
      case 'binary':
      case 'apply':
        this.walk(node.lhs as unknown as Node, locals, inContext);
        return this.walk(node.rhs as unknown as Node, locals, inContext);
      case 'transform':
        return [node.pattern, node.update, node.delete].forEach(
          (part) => part && this.walk(part as Node, locals, true),
        );
      case 'sort':
        return list(node.terms).forEach((term) => this.walk(term.expression as Node, locals, true));
      case 'string':
      case 'number':
      case 'value':
      case 'regex':
      case 'operator':
        return;
      default:
        this.mistakes.add(`it has a part of a kind that the local engine does not know: ${String(node.type)}`);
    }
  }

  private path(node: Node, locals: Set<string>, inContext: boolean): void {
    const inner = new Set(locals);
    const steps = list(node.steps);
    steps.forEach((step, index) => {
      if (step.focus) inner.add(String(step.focus));
      if (step.index) inner.add(String(step.index));
      this.walk(step, inner, inContext || index > 0);
    });
    if (steps[0]?.type === 'variable' && steps[0].value === 'states' && !locals.has('states')) this.states(steps);
  }

  private states(steps: Node[]): void {
    const [field, group, member] = steps
      .slice(1)
      .map((step) => (step.type === 'name' ? String(step.value) : undefined));
    if (field === undefined) return;
    if (!this.readable.states.has(field)) {
      this.mistakes.add(
        `$states.${field} does not exist here; there are ${[...this.readable.states].map((name) => `$states.${name}`).join(', ')}`,
      );
    }
    if (field !== 'context' || group === undefined) return;
    if (!CONTEXT[group] || (member !== undefined && !CONTEXT[group].includes(member))) {
      this.mistakes.add(`the context object has no ${group}${CONTEXT[group] ? `.${member}` : ''}`);
    }
  }

  private variable(node: Node, locals: Set<string>, inContext: boolean, as: 'variable' | 'function'): void {
    const name = String(node.value);
    if (locals.has(name) || name === 'states') return;
    if (name === '') {
      if (!inContext) this.mistakes.add('$ on its own refers to nothing: write $states.input');
    } else if (name === '$') {
      this.mistakes.add('$$ refers to nothing: write $states.input');
    } else if (name === 'eval') {
      this.mistakes.add('the function $eval is not available in Step Functions; use $parse for JSON text');
    } else if (as === 'function' && !FUNCTIONS.has(name) && !this.readable.variables.has(name)) {
      this.mistakes.add(`unknown function $${name}`);
    } else if (as === 'variable' && !this.readable.variables.has(name) && !FUNCTIONS.has(name)) {
      this.mistakes.add(`unknown variable $${name}: no state assigns it`);
    }
  }

  /** `a ?: b` and `a ?? b` are newer than JSONata 2.0.6; the parser turns them into conditions in which `a` stands twice. */
  private refuseNewerOperators(node: Node): void {
    const condition = node.condition as Node;
    const tested = condition.type === 'function' ? list(condition.arguments)[0] : undefined;
    const operator = isSame(condition, node.then) ? '?:' : isSame(tested, node.then) ? '??' : undefined;
    if (operator) this.mistakes.add(`the operator ${operator} is newer than the JSONata of Step Functions`);
  }

  private pairs(pairs: unknown, locals: Set<string>, inContext: boolean): void {
    for (const pair of pairs as [Node, Node][]) pair.forEach((part) => this.walk(part, locals, inContext));
  }
}

function list(value: unknown): Node[] {
  return (value as Node[] | undefined) ?? [];
}

/** The same part of the source: positions in it are part of the tree. */
function isSame(a: unknown, b: unknown): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
