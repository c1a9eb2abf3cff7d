import type { Command } from 'commander';
import type { ClusterStatus, Freeze } from '../../lambdas/contracts/api/clusters';
import type { CertificateReport } from '../../lambdas/contracts/certificate-check';
import { describeVersions } from '../../lambdas/domain/versions/cluster-versions';
import type { Action, Context } from '../context';
import { EXIT } from '../exit';
import { wholeNumber } from '../number';
import { approvalText, operationsTable } from '../output/operations';
import { plain, plainLines, shortArn, table } from '../output/text';
import { formatDuration, formatTime } from '../output/times';
import { confirm } from './operations';

type Run = <Arguments extends unknown[]>(action: Action<Arguments>) => (...args: Arguments) => Promise<void>;

/** Commands that look at clusters. */
export function addClusters(program: Command, run: Run): void {
  const ofCluster = (name: string, summary: string) =>
    program.command(name).summary(summary).description(`${summary}.`).argument('<cluster>', 'its name');

  program
    .command('clusters')
    .summary('List all clusters')
    .description('Lists all clusters that have tagged instances or a settings file.')
    .action(
      run(async ({ api, answer, colors }) => {
        const { clusters } = await api.call('listClusters');
        await answer({ clusters }, () =>
          clusters.length === 0
            ? 'There is no cluster: tag its instances with kubeadm-autopilot:cluster=<name>.'
            : table(
                ['cluster', 'control planes', 'workers', 'etcd', 'settings', 'state'],
                clusters.map((one) => [
                  ...[one.cluster, String(one.controlPlanes), String(one.workers), String(one.etcdNodes)],
                  one.configured ? 'yes' : 'none',
                  one.problem
                    ? colors.red(one.problem)
                    : (one.lockedBy ?? (one.freezes[0] ? `frozen: ${one.freezes[0].reason}` : '-')),
                ]),
              ),
        );
      }),
    );
  ofCluster('status', 'Show nodes, lock, freezes and operations of a cluster').action(
    run(async (context, cluster: string) => {
      const status = await context.api.call('describeCluster', { parameters: { cluster } });
      await context.answer(status, () => statusText(status, context));
    }),
  );
  ofCluster('certificates', "Show the last check's report on the certificates of a cluster").action(
    run(async (context, cluster: string) => {
      const report = await context.api.call('describeCertificates', { parameters: { cluster } });
      const zone = context.json ? 'UTC' : await context.zoneOf(cluster);
      await context.answer(report, () => reportText(report, zone, context));
    }),
  );
  ofCluster('doctor', 'Examine whether a cluster is ready to be operated on').action(
    run(async (context, cluster: string) => {
      const examination = await context.api.call('examineCluster', { parameters: { cluster } });
      const { green, yellow, red } = context.colors;
      const marks = { passed: green('✔'), warning: yellow('!'), failed: red('✖') };
      await context.answer(examination, () =>
        [
          ...examination.diagnoses.map(
            ({ name, outcome, reason, whatToDo }) =>
              `${marks[outcome]} ${name}: ${plain(reason)}${whatToDo ? `\n    ${plain(whatToDo)}` : ''}`,
          ),
          examination.ready
            ? `${cluster} is ready.`
            : `${cluster} is not ready: correct what is marked ${marks.failed}.`,
        ].join('\n'),
      );
      return examination.ready ? EXIT.done : EXIT.no;
    }),
  );
  ofCluster('freeze', 'Let nothing that changes nodes start on a cluster')
    .requiredOption('-r, --reason <text>', 'why; shown to everybody who is refused')
    .option('-y, --yes', 'do not ask')
    .action(
      run(async (context, cluster: string, { reason, yes }: { reason: string; yes?: boolean }) => {
        await confirm(context, yes, `Freeze ${cluster}, so that nothing that changes nodes starts on it?`);
        const answer = await context.api.call('freezeCluster', { parameters: { cluster }, body: { reason } });
        await context.answer(answer, () => `${cluster} is frozen: ${reason}.`);
      }),
    );
  ofCluster('unfreeze', 'End a freeze of a cluster')
    .option('-y, --yes', 'do not ask')
    .action(
      run(async (context, cluster: string, { yes }: { yes?: boolean }) => {
        await confirm(context, yes, `Unfreeze ${cluster}?`);
        const answer = await context.api.call('unfreezeCluster', { parameters: { cluster } });
        const zone = context.json ? 'UTC' : await context.zoneOf(cluster);
        const rest = answer.freezes.map((freeze) => `Still frozen by ${freezeText(freeze, zone)}.`);
        await context.answer(answer, () =>
          [
            answer.changed ? `${cluster} is no longer frozen through the API.` : `${cluster} was not frozen.`,
            ...rest,
          ].join('\n'),
        );
      }),
    );
  program
    .command('logs')
    .summary('Show what the last scripts on a node said')
    .description(
      'Shows the logs of the last scripts that ran on a node, as far as Run Command kept them, and where the rest is.',
    )
    .argument('<node>', 'its name or instance id')
    .option('-c, --cluster <cluster>', 'where several clusters have a node of that name')
    .option('-n, --limit <number>', 'how many', wholeNumber)
    .action(
      run(async (context, node: string, query: { cluster?: string; limit?: number }) => {
        const told = await context.api.call('describeNodeCommands', { parameters: { node }, query });
        const zone = context.json ? 'UTC' : await context.zoneOf(told.cluster);
        await context.answer(told, () =>
          [
            ...told.commands.map(({ step, requestedAt, status, exitCode, commandId, output, log }) =>
              [
                `${formatTime(requestedAt, zone)}  ${step}  ${status}${exitCode === undefined ? '' : ` (exit code ${exitCode})`}  ${commandId}`,
                plainLines((log || output).trimEnd()).replace(/^/gm, '    '),
              ].join('\n'),
            ),
            `Whole logs are on ${told.node} (${told.instanceId}), in ${told.logFolder}.`,
          ].join('\n'),
        );
      }),
    );
}

function statusText(status: ClusterStatus, { io, colors }: Context): string {
  const { cluster, timeZone, schedule, nodes, versions, lock, freezes, running, lastOperations } = status;
  const line = (label: string, text: string) => `${`${label}:`.padEnd(10)}${plain(text)}`;
  return [
    colors.bold(cluster),
    line('schedule', schedule === undefined ? 'none (no settings file)' : `${schedule} in ${timeZone}`),
    ...(versions
      ? [line('versions', `${describeVersions(versions)}, as of ${formatTime(versions.asOf, timeZone)}`)]
      : []),
    line('lock', lock ? `${lock.id}${lock.since ? ` since ${formatTime(lock.since, timeZone)}` : ''}` : 'free'),
    ...freezes.map((freeze) => colors.yellow(line('frozen', freezeText(freeze, timeZone)))),
    ...running.map(({ id }) => line('running', `${id}  (autopilot watch ${id})`)),
    ...running.flatMap(({ approval }) => (approval ? [colors.yellow(line('approval', approvalText(approval)))] : [])),
    '',
    table(
      ['node', 'role', 'instance', 'address', 'agent', 'state'],
      nodes.map((node) => [
        ...[node.name, node.role, node.instanceId, node.privateIp ?? '-', node.agentVersion ?? '-'],
        node.unreachable ? colors.red(node.unreachable) : node.state,
      ]),
    ),
    ...(lastOperations.length > 0 ? ['', operationsTable(lastOperations, timeZone, io.now(), colors)] : []),
  ].join('\n');
}

const freezeText = ({ by, reason, who, since }: Freeze, zone: string): string =>
  by === 'api'
    ? `${shortArn(who ?? '')}${since ? ` since ${formatTime(since, zone)}` : ''}: ${reason}`
    : `${by}: ${reason}`;

function reportText(report: CertificateReport, zone: string, { colors }: Context): string {
  const { findings, moreFindings, smallest, notes, checkedAt } = report;
  const left = (seconds: number | undefined) =>
    seconds === undefined ? '-' : seconds < 0 ? colors.red('expired') : formatLeft(seconds);
  return [
    `Checked ${formatTime(checkedAt, zone)}: ${report.certificatesChecked} certificates on ${report.nodesChecked} nodes. ${plain(report.because)}`,
    ...(smallest
      ? [
          `The first to run out: ${smallest.certificate} on ${plain(smallest.node)}, ${formatTime(smallest.notAfter, zone)} (${left(smallest.secondsLeft)}).`,
        ]
      : []),
    ...(findings.length > 0
      ? [
          table(
            ['node', 'certificate', 'finding', 'left', 'what to do'],
            findings.map((one) => [one.node, one.certificate ?? '-', one.kind, left(one.secondsLeft), one.message]),
          ),
        ]
      : ['No findings.']),
    ...(moreFindings > 0 ? [`And ${moreFindings} more.`] : []),
    ...notes.map(plain),
  ].join('\n');
}

const formatLeft = (seconds: number): string =>
  seconds >= 2 * 86_400 ? `${Math.floor(seconds / 86_400)} days` : formatDuration(seconds * 1000);
