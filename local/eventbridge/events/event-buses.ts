import { AwsError } from '../../aws/aws-call';
import { busArn } from './put-events';
import type { Rule } from './rule';

/** The event buses of the account, each with its rules by name. */
export class EventBuses {
  private readonly buses = new Map<string, Map<string, Rule>>([['default', new Map()]]);

  get names(): string[] {
    return [...this.buses.keys()].sort();
  }

  /** @returns the bus's ARN. @throws AwsError ResourceAlreadyExistsException. */
  add(name: string): string {
    if (this.buses.has(name))
      throw new AwsError('ResourceAlreadyExistsException', `There is already an event bus ${name}.`);
    this.buses.set(name, new Map());
    return busArn(name);
  }

  setRule(rule: Rule): void {
    this.rulesOf(rule.bus).set(rule.name, rule);
  }

  /** @throws AwsError ResourceNotFoundException when there is no such bus. */
  rulesOf(bus: string): Map<string, Rule> {
    const rules = this.buses.get(bus);
    if (!rules) throw new AwsError('ResourceNotFoundException', `Event bus ${bus} does not exist.`);
    return rules;
  }

  /** @throws AwsError ResourceNotFoundException */
  rule(bus: string, name: string): Rule {
    const rule = this.rulesOf(bus).get(name);
    if (!rule) throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`);
    return rule;
  }
}
