import type { World } from './world';

/** A bootstrap token, or a key for control planes' certificates. */
const SECRET = /^([a-z0-9]{6}\.[a-z0-9]{16}|[0-9a-f]{64})$/;

/**
 * Nothing of the secrets that nodes join or rejoin with is in what AWS keeps or shows: parameters, outputs, histories, events, mails, logs.
 * @param others secrets that must not be there either, such as keys of kubeconfigs
 */
export async function expectNoSecret(world: World, executions: string[], others: string[] = []): Promise<void> {
  const secrets = world.calls
    .filter(({ action, input }) => action === 'PutParameter' && String(input['Name']).includes('/secrets/'))
    .map(({ input }) => String(input['Value']));
  expect(secrets).not.toEqual([]);
  const told = JSON.stringify([
    await Promise.all(executions.map((arn) => world.history(arn))),
    await Promise.all((await world.executions('run-on-nodes')).map((arn) => world.history(arn))),
    world.calls.filter(({ action }) => action !== 'PutParameter').map(({ action, input }) => [action, input]),
    world.lines,
    world.logs,
    world.events,
    world.aws.published(),
  ]);
  for (const secret of secrets) {
    expect(secret).toMatch(SECRET);
    // Not in the message: a test that fails is told in a log.
    expect(told.includes(secret.split('.').at(-1)!)).toBe(false);
  }
  for (const secret of others) expect(secret.length > 20 && !told.includes(secret.slice(0, 400))).toBe(true);
  expect(told).not.toMatch(/-----BEGIN [A-Z ]*PRIVATE KEY-----|client-key-data: *[A-Za-z0-9+/]{20}/);
}
