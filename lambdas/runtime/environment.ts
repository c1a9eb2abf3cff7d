type Variable = 'TOPIC_ARN' | 'BUS_NAME' | 'LOCK_TABLE' | 'STATE_MACHINES';

/** Value of an environment variable that the stack gives to this function. */
export function environment(name: Variable): string {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set: deploy the app again.`);
  return value;
}

/** ARN of the state machine of each operation, by the operation's name. */
export function stateMachines(): Record<string, string> {
  return JSON.parse(environment('STATE_MACHINES')) as Record<string, string>;
}
