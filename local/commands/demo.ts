import { setTimeout as delay } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { Argument, Command } from 'commander';
import { Listr } from 'listr2';
import pc from 'picocolors';
import { certificateReport } from '../../lambdas/contracts/certificate-check';
import { renewalReport } from '../../lambdas/contracts/renewal';
import { whyNoLab } from '../nodes/lab/check-host';
import { howToUse, leaveRunning } from './leave-running';
import { OperationProgress } from './operation-progress';
import { CleanUp } from './interrupt';
import { renewalTable, usageTable } from './render';
import { playLife, STORIES, type StoryName } from './life-demo';
import { upgradeRealCluster } from './real-upgrade';
import { playConversation } from './slack-demo';
import { startLocalCluster } from './start-local-cluster';
import type { LocalCluster } from './start-local-cluster';
import { nextExecution } from './watch-execution';

/** Wait states of renew-certificates. */
const LOAD_BALANCER_WAITS = [
  'Wait for its connections to drain',
  'Let the load balancer settle',
  'Wait until it is healthy there',
];

const program = new Command('npm start --')
  .description(
    'Runs the whole road once on this machine, without an account: the CDK app is synthesised, a local AWS and a simulated cluster come up, the daily schedule fires, certificates are checked and renewed.',
  )
  .addArgument(
    new Argument('[part]', "play another part of a cluster's life, by the command line").choices(Object.keys(STORIES)),
  )
  .option(
    '--real',
    'with upgrade: on a real control plane and worker (root on Linux, Go; builds Kubernetes when it has none)',
  )
  .option('--keep', 'leave the local AWS and the cluster running afterwards, until Ctrl-C')
  .option('--slack', 'play a conversation in Slack instead, against a stand-in of it on this machine')
  .option('--page <file>', 'with --slack: write the messages into this HTML file')
  .addHelpText(
    'after',
    `
Other commands:
  npm start -- create            bare machines become a cluster, and another one joins
  npm start -- upgrade           three control planes and three workers from 1.36 to 1.37
  npm start -- upgrade --real    a real control plane and worker, in minutes
  npm start -- reconfigure       a flag of the API servers and a field of all kubelets, shown first
  npm start -- --slack           a conversation in Slack, against a stand-in of it
  npm run local -- --port 4566   leave the local AWS running, for the AWS CLI or any SDK
  npm run lab -- up              a real cluster on this machine (root on Linux, Go)
  npm test                       the tests of a few minutes
  npm run test:full              all tests that need neither root nor Go
  npm run bench                  what operations cost, and how fast the engine is
  npm run synth                  the CloudFormation template, in cdk.out
  npm run cdk -- deploy          into the AWS account of your credentials (README: "Deploy to AWS")`,
  )
  .parse();

const given = program.opts<{ keep?: boolean; slack?: boolean; page?: string; real?: boolean }>();
const [part] = program.args as [StoryName?];
if (given.real && part !== 'upgrade')
  program.error('error: --real goes with upgrade alone: npm start -- upgrade --real');
void (part ? life(part) : given.slack ? slackConversation(given) : main(given));

async function life(name: StoryName): Promise<void> {
  await leaveRunning(async (cleanUp) => {
    const why = given.real ? whyNoLab() : undefined;
    if (why)
      console.log(
        pc.dim(`It is played on nodes that answer from memory, because there is no real cluster here: ${why}.`),
      );
    await (given.real && !why ? upgradeRealCluster(cleanUp) : playLife(cleanUp, name));
    await cleanUp.run();
  });
}

async function slackConversation({ keep, page }: { keep?: boolean; page?: string }): Promise<void> {
  await leaveRunning(async (cleanUp) => {
    const { address } = await playConversation(cleanUp, { ...(page !== undefined && { page }) });
    if (keep) return console.log(`\nThe messages: ${address} (until Ctrl-C)`);
    await cleanUp.run();
  });
}

async function main(options: { keep?: boolean }): Promise<void> {
  const started = Date.now();
  const cleanUp = new CleanUp();
  cleanUp.onSignals();
  let local: LocalCluster;
  const progress = new OperationProgress((state) => void passTheTime(local, state));
  try {
    let sfn: SFNClient;
    await new Listr(
      [
        {
          title: 'Synthesise the app, start the local AWS and the cluster demo (3 control planes, 2 workers)',
          task: async (_, task) => {
            local = await startLocalCluster(cleanUp, {
              onNodeOutput: (node, output) => progress.nodeOutput(node, output),
              onProgress: (what) => (task.output = what),
            });
            sfn = client(local.aws.endpoint);
            task.title = `The app runs on a local AWS at ${local.aws.endpoint}; cluster demo has ${local.cluster.nodes.length} nodes`;
          },
        },
        {
          title: 'The daily schedule fires',
          task: (_, task) => {
            const next = local.aws.nextScheduledTime('check-certificates-demo', 'kubeadm-autopilot');
            if (!next)
              throw new Error('The schedule check-certificates-demo will not fire again: see clusters/demo.yaml.');
            task.title = `The daily schedule fires: the clock moves from ${time(local.aws.clock.now())} to ${time(next)}`;
            local.aws.clock.moveTo(next);
          },
        },
        {
          title: 'check-certificates',
          task: async (_, task) => {
            const end = await progress.follow(
              task,
              sfn,
              await firstExecution(sfn, local.aws.physicalId('Autopilot/CheckCertificates')),
            );
            const report = certificateReport.parse(end.output);
            task.title = `check-certificates: ${report.findings.length} findings in ${report.certificatesChecked} certificates. ${report.because}`;
          },
        },
        {
          title: 'renew-certificates',
          task: async (_, task) => {
            const end = await progress.follow(
              task,
              sfn,
              await firstExecution(sfn, local.aws.physicalId('Autopilot/RenewCertificates')),
            );
            progress.report = renewalReport.parse(end.output);
            task.title = `renew-certificates: ${progress.report.summary}`;
          },
        },
      ],
      {
        // Its own listener would end the process before anything is cleaned up.
        registerSignalListeners: false,
        rendererOptions: { collapseSubtasks: false },
        fallbackRenderer: 'simple',
        fallbackRendererOptions: { timestamp: undefined },
      },
    ).run();

    console.log(`\n${renewalTable(progress.report!)}\n\nWhat it would cost on AWS:\n${usageTable(local!.aws.usage)}`);
    console.log(`\nDone in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
    if (options.keep) return console.log(`\nIt goes on running until Ctrl-C. ${howToUse(local!.aws, 'demo')}`);
    console.log(
      `To look further: ${pc.bold('npm start -- --keep')} leaves it running; ${pc.bold('npm start -- --help')} tells what else there is.`,
    );
    await cleanUp.run();
  } catch (error) {
    console.error(`\n${pc.red((error as Error).message)}`);
    await cleanUp.run();
    process.exitCode = 1;
  }
}

/** The simulated load balancer is done within a moment: the clock moves over what is waited for it. */
async function passTheTime({ aws }: LocalCluster, state: string): Promise<void> {
  if (!LOAD_BALANCER_WAITS.includes(state)) return;
  await delay(500);
  aws.clock.advance(30_000);
}

/** The schedule's execution has to be there within two minutes, on a busy machine too, or something is wrong with the way from the schedule to it. */
const firstExecution = (sfn: SFNClient, stateMachineArn: string) =>
  nextExecution(sfn, stateMachineArn, new Set(), AbortSignal.timeout(120_000));

const client = (endpoint: string) =>
  new SFNClient({ endpoint, region: 'eu-central-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });

const time = (date: Date) => date.toISOString().replace('T', ' ').slice(0, 16);
