import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ListCommandInvocationsCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { NODE_STEPS } from '../../lib/node-access/node-steps';
import type { SimulatedCluster } from '../../local/nodes/simulated';
import { World, until } from './helpers/world';

let world: World;
let good: SimulatedCluster;
beforeAll(async () => {
  world = await World.start();
  good = await world.cluster('good');
});
afterAll(() => world?.stop());

describe('values that want to be commands', () => {
  const marker = () => join(good.node('cp-1').root, 'injected');
  const nasty = () => [
    `$(touch ${marker()})`,
    `\`touch ${marker()}\``,
    `yes; touch ${marker()}`,
    `yes\ntouch ${marker()}`,
    `'; touch ${marker()}; '`,
    `"; touch ${marker()}; "`,
    `yes && touch ${marker()}`,
    `| touch ${marker()}`,
    `/etc/x,$(touch ${marker()})`,
    `{{ TaskToken }}`,
    '',
    ' ',
  ];
  const parameters = Object.entries(NODE_STEPS).flatMap(([step, definition]) =>
    Object.keys(definition.parameters).map((parameter) => [step, parameter] as const),
  );
  const harmless: Record<string, string> = {
    Force: 'no',
    AdminKubeconfigs: 'none',
    Until: 'all',
    Inventory: 'no',
    Secret: '/kubeadm-autopilot/secrets/demo/bootstrap-token',
    Wait: 'no',
    Action: 'delete',
    Version: '1.37.2',
    Command: 'node',
    KubeletServer: 'own',
    IgnoreErrors: 'none',
    RenewCertificates: 'yes',
    SkipPhases: 'none',
    Node: 'cp-1',
    TimeoutSeconds: '60',
  };
  const send = (step: string, values: Record<string, string>) =>
    world.ssm.send(
      new SendCommandCommand({
        DocumentName: `kubeadm-autopilot-${step}`,
        InstanceIds: [good.node('cp-1').instanceId],
        Parameters: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]])),
      }),
    );

  test.each(parameters)('%s refuses them as %s', async (step, parameter) => {
    const others = parameters.filter(([of]) => of === step).map(([, name]) => [name, harmless[name]!]);
    for (const value of nasty()) {
      const outcome = await send(step, { ...Object.fromEntries(others), [parameter]: value }).then(
        () => 'taken',
        ({ name }: Error) => name,
      );
      expect(`${JSON.stringify(value)} ${outcome}`).toBe(`${JSON.stringify(value)} InvalidParameters`);
    }
    expect(existsSync(marker())).toBe(false);
  });

  test.each(['/etc/../etc/passwd', '/root/../tmp/x', '/tmp/'])(
    'the script itself refuses to write to %s',
    async (path) => {
      const invocation = await end(await send('refresh-kubeconfigs', { AdminKubeconfigs: path }));
      expect(invocation.status).toBe('Failed');
      expect(invocation.output).toMatch(/"error":"refused".*AdminKubeconfigs is/);
    },
  );

  test('the task token is never part of a script', async () => {
    const invocation = await end(await send('check-certificates', { TaskToken: `$(touch ${marker()})` }));
    expect(invocation.status).toBe('Success');
    expect(existsSync(marker())).toBe(false);
  });

  async function end({ Command: command }: { Command?: { CommandId?: string | undefined } | undefined }) {
    return until('the command ends', async () => {
      const { CommandInvocations: [invocation] = [] } = await world.ssm.send(
        new ListCommandInvocationsCommand({ CommandId: command!.CommandId, Details: true }),
      );
      const status = invocation?.Status;
      if (status !== 'Success' && status !== 'Failed') return undefined;
      return { status, output: invocation!.CommandPlugins![0]!.Output! };
    });
  }
});
