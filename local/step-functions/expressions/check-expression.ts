import type { ExprNode } from 'jsonata';
import type { Part, Place } from './walk-expression';
import { partsOf, walkExpression } from './walk-expression';

const CONTEXT: Record<string, readonly string[]> = {
  Execution: ['Id', 'Input', 'Name', 'RoleArn', 'StartTime', 'RedriveCount', 'RedriveTime'],
  State: ['EnteredTime', 'Name', 'RetryCount'],
  StateMachine: ['Id', 'Name'],
  Task: ['Token'],
  Map: ['Item'],
};

/**
 * Sentences for what AWS would refuse or what would always be undefined: a bare $ or field name, $eval, newer operators, parts of
 * $states that are not there. Unknown functions and variables are no such mistake: as on AWS, they fail when they are evaluated.
 * @param fields of $states that there are at the expression's place in the definition.
 */
export function checkExpression(ast: ExprNode, fields: ReadonlySet<string>): string[] {
  const mistakes = new Set<string>();
  walkExpression(ast, (part, place) => {
    for (const mistake of mistakesIn(part, place, fields)) mistakes.add(mistake);
  });
  return [...mistakes];
}

function mistakesIn(part: Part, { locals, inContext }: Place, fields: ReadonlySet<string>): string[] {
  switch (part.type) {
    case 'variable':
      return inVariable(String(part.value), locals, inContext);
    case 'function':
    case 'partial': {
      const procedure = part.procedure as Part;
      return procedure.type === 'variable' ? inVariable(String(procedure.value), locals, inContext) : [];
    }
    case 'name':
    case 'wildcard':
    case 'descendant':
    case 'parent':
      return inContext
        ? []
        : [`the field "${String(part.value ?? '%')}" is read from nothing: write $states.input.${String(part.value)}`];
    case 'path':
      return locals.has('states') ? [] : inPath(partsOf(part.steps), fields);
    case 'condition':
      return newerOperator(part);
    default:
      return [];
  }
}

function inVariable(name: string, locals: ReadonlySet<string>, inContext: boolean): string[] {
  if (locals.has(name)) return [];
  if (name === '') return inContext ? [] : ['$ on its own refers to nothing: write $states.input'];
  if (name === '$') return ['$$ refers to nothing: write $states.input'];
  return name === 'eval' ? ['the function $eval is not available in Step Functions; use $parse for JSON text'] : [];
}

function inPath(steps: Part[], fields: ReadonlySet<string>): string[] {
  if (steps[0]?.type !== 'variable' || steps[0].value !== 'states') return [];
  const [field, group, member] = steps.slice(1).map((step) => (step.type === 'name' ? String(step.value) : undefined));
  if (field === undefined) return [];
  if (!fields.has(field)) {
    const there = [...fields].map((name) => `$states.${name}`).join(', ');
    return [`$states.${field} does not exist here; there are ${there}`];
  }
  if (field !== 'context' || group === undefined) return [];
  const members = CONTEXT[group];
  const isThere = members && (member === undefined || members.includes(member));
  return isThere ? [] : [`the context object has no ${group}${members ? `.${member}` : ''}`];
}

/** `a ?: b` and `a ?? b` are newer than JSONata 2.0.6; the parser turns them into conditions in which `a` stands twice. */
function newerOperator(part: Part): string[] {
  const condition = part.condition as Part;
  const tested = condition.type === 'function' ? partsOf(condition.arguments)[0] : undefined;
  const operator = isSame(condition, part.then) ? '?:' : isSame(tested, part.then) ? '??' : undefined;
  return operator ? [`the operator ${operator} is newer than the JSONata of Step Functions`] : [];
}

/** The same part of the source: positions in it are part of the tree. */
function isSame(a: unknown, b: unknown): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
