import { Command } from 'commander';
import { howToUse, leaveRunning, port } from './leave-running';
import { startLocalCluster } from './start-local-cluster';

const program = new Command('npm run local --')
  .description(
    'Leaves the local AWS running, with the app deployed into it and the simulated cluster "demo", for the AWS CLI or any SDK.',
  )
  .option('--port <number>', 'port on 127.0.0.1 (0: any free one)', port, 0)
  .parse();

void leaveRunning(async (cleanUp) => {
  const { aws } = await startLocalCluster(cleanUp, {
    port: program.opts<{ port: number }>().port,
    onProgress: (what) => console.error(`${what} ...`),
  });
  console.log(`AWS_ENDPOINT_URL=${aws.endpoint}`);
  console.error(`
${howToUse(aws, 'demo')}
Ctrl-C ends it; nothing is kept.`);
});
