import { setTimeout as delay } from 'node:timers/promises';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import pc from 'picocolors';
import { ApiClient } from '../../cli/api/client';
import type { Io } from '../../cli/io';
import { runCli } from '../../cli/program';
import { API_PARAMETER } from '../../lambdas/contracts/api/routes';
import { clusterParameterName } from '../../lambdas/contracts/cluster-config';
import type { LocalAws } from '../local-aws';

/** The command line's world: this terminal, the local AWS, and its time. @param settings of the cluster, as `cdk deploy` writes them */
export async function commandLine(aws: LocalAws, settings: { cluster: string } & Record<string, unknown>): Promise<Io> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const region = 'eu-central-1';
  const ssm = new SSMClient({ endpoint: aws.endpoint, region, credentials });
  await ssm.send(
    new PutParameterCommand({
      Name: clusterParameterName(settings.cluster),
      Value: JSON.stringify(settings),
      Type: 'String',
      Overwrite: true,
    }),
  );
  const { Parameter: parameter } = await ssm.send(new GetParameterCommand({ Name: API_PARAMETER }));
  ssm.destroy();
  const tell = (text: string) => console.log(text);
  return {
    ...{ out: tell, note: tell, colors: pc.isColorSupported, now: () => aws.clock.now(), pause: () => delay(50) },
    connect: () => Promise.resolve(new ApiClient({ endpoint: parameter!.Value!, region, credentials })),
  };
}

/** Shows a command of `autopilot` as it is typed, and runs it. @throws Error when it does not end well */
export async function type(io: Io, command: string): Promise<void> {
  console.log(`\n${pc.bold(`$ autopilot ${command}`)}`);
  const code = await runCli(io, command.split(' '));
  if (code !== 0) throw new Error(`autopilot ${command} ended with ${code}.`);
}
