import { Command, InvalidArgumentError } from 'commander';
import { CleanUp } from './interrupt';
import { startLocalCluster } from './start-local-cluster';

const program = new Command('npm run local --')
  .description(
    'Leaves the local AWS running, with the app deployed into it and the simulated cluster "demo", for the AWS CLI or any SDK.',
  )
  .option('--port <number>', 'port on 127.0.0.1 (0: any free one)', port, 0)
  .parse();

void main(program.opts<{ port: number }>());

async function main(options: { port: number }): Promise<void> {
  const cleanUp = new CleanUp();
  cleanUp.onSignals();
  try {
    const { aws } = await startLocalCluster(cleanUp, {
      port: options.port,
      onProgress: (what) => console.error(`${what} ...`),
    });
    console.log(`AWS_ENDPOINT_URL=${aws.endpoint}`);
    console.error(`
In another terminal (any credentials will do):

  export AWS_ENDPOINT_URL=${aws.endpoint} AWS_REGION=eu-central-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  aws stepfunctions list-state-machines
  aws stepfunctions start-execution --state-machine-arn ${aws.physicalId('Autopilot/CheckCertificates')} --input '{"cluster":"demo"}'

Ctrl-C ends it; nothing is kept.`);
  } catch (error) {
    console.error((error as Error).message);
    await cleanUp.run();
    process.exitCode = 1;
  }
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65535)
    throw new InvalidArgumentError(`Expected a whole number from 0 to 65535.`);
  return value;
}
