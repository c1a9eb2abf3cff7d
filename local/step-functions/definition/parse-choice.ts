import { parseData } from './parse-common';
import type { Reader } from './reader';
import type { ChoiceRule, ChoiceState } from './types';

export function parseChoice(name: string, reader: Reader): ChoiceState {
  reader.require('Choices');
  const rules = reader.list('Choices', { atLeast: 1 }).flatMap((rule) => parseRule(rule) ?? []);
  const defaultNext = reader.string('Default');
  return { type: 'Choice', name, rules, ...(defaultNext !== undefined && { defaultNext }), ...parseData(reader) };
}

function parseRule(rule: Reader): ChoiceRule | undefined {
  rule.allow('A choice rule', ['Comment', 'Condition', 'Next', 'Output', 'Assign']);
  rule.require('Condition', 'Next');
  const condition = rule.templateOf(
    'Condition',
    'true, false or a JSONata expression',
    (value) => typeof value === 'boolean',
  );
  const next = rule.string('Next');
  const data = parseData(rule);
  return condition && next !== undefined ? { condition, next, ...data } : undefined;
}
