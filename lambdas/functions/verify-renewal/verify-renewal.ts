import type * as z from 'zod';
import type { ClusterConfig } from '../../contracts/cluster-config';
import { controlPlaneFacts, type ControlPlaneFacts } from '../../contracts/node-steps';
import type { NodeReport, RenewalReport, ProvenRenewal, verifyRenewalInput } from '../../contracts/renewal';
import { RUNBOOK } from '../../contracts/runbook';
import { certificateExpiries, certificateMetrics, type Metric } from '../../domain/certificates/expiries';
import { firstThatFit } from '../../domain/first-that-fit';
import { mailText } from '../../domain/text/mail-text';
import { notificationSubject, count, listNames, shorten } from '../../domain/text/plain-text';
import { parseResults, type Answer } from '../../domain/nodes/answers';
import { dateIn } from '../../domain/text/time-left';
import { UserError } from '../../runtime/user-error';
import { describeLeftAlone } from '../../domain/certificates/left-alone';
import { findUnproven } from './find-unproven';
import { describeRepair, findUnrepaired } from './judge-repair';
import { staleCopies, nodeReports, renewalRows } from './node-reports';

/** A state holds 256 KiB, which the report shares with its plan and its text. */
const MOST_BYTES_OF_ROWS = 60_000;
const MOST_BYTES_OF_NODES = 40_000;

export interface Verification {
  renewal: ProvenRenewal;
  /** Empty unless every node was seen that a check looks at: the least of some would hide what another one has. */
  metrics: Metric[];
}

/**
 * Proves the renewal by what the nodes have and serve afterwards.
 * @throws UserError RenewalNotProven with what speaks against it
 */
export function verifyRenewal(input: z.output<typeof verifyRenewalInput>, now: Date): Verification {
  const { cluster, config, plan } = input;
  const before = parseResults(controlPlaneFacts, input.before).answers;
  const after = parseResults(controlPlaneFacts, input.after);
  const find = (nodes: typeof before, instanceId: string) =>
    nodes.find((node) => node.instanceId === instanceId)?.value;

  const begun = plan.steps.filter(({ name }) => !input.notBegun.includes(name));
  const unproven = begun.flatMap(({ instanceId, name, certificates }) => {
    const facts = find(after.answers, instanceId);
    const leftAlone = (certificates?.leftAlone ?? []).map((row) => row.name);
    if (facts) return findUnproven(name, find(before, instanceId), facts, input.force, leftAlone, now);
    const silent = after.noAnswers.find((node) => node.instanceId === instanceId);
    return [`${name} did not answer afterwards${silent ? ` (${shorten(silent.message, 150)})` : ''}`];
  });
  if (unproven.length > 0) throw new UserError('RenewalNotProven', notProven(cluster, unproven));
  const unrepaired = input.repair ? findUnrepaired(input.repair) : [];
  if (unrepaired.length > 0) throw new UserError('RenewalNotProven', notRepaired(cluster, unrepaired));

  const rows = begun.flatMap(({ instanceId, name }) =>
    renewalRows(name, find(before, instanceId)?.inventory, find(after.answers, instanceId)?.inventory, now),
  );
  const renewedNodes = begun.map(({ name }) => name);
  const summary = [
    ...(renewedNodes.length > 0
      ? [
          `Certificates of ${count(renewedNodes.length, 'control plane')} of ${cluster} (${listNames(renewedNodes)}) were renewed and are served.`,
        ]
      : []),
    ...(plan.etcd.length > 0
      ? [`etcd has renewed certificates on ${listNames(plan.etcd.map(({ name }) => name))}, and serves them.`]
      : []),
    ...(input.repair ? describeRepair(cluster, input.repair) : []),
    ...(input.notBegun.length > 0
      ? [
          `The renewal of ${cluster} stopped before ${listNames(input.notBegun)}, as somebody asked or its maintenance window wants it: started again, it goes on there.`,
        ]
      : []),
  ].join(' ');
  const nodes = nodeReports(input.answers);
  const shown = firstThatFit(rows, MOST_BYTES_OF_ROWS);
  const renewal = {
    ...{ cluster, plan, renewedNodes, summary },
    ...(input.notBegun.length > 0 && { notBegun: input.notBegun }),
    rows: shown,
    ...(shown.length < rows.length && { moreRows: rows.length - shown.length }),
    nodes: firstThatFit(nodes, MOST_BYTES_OF_NODES),
    subject: notificationSubject(
      input.repair
        ? `${cluster}: repaired, ${readyOf(input.repair)} Ready`
        : `${cluster}: certificates renewed on ${renewedNodes.length === 0 && plan.etcd.length > 0 ? count(plan.etcd.length, 'machine') + ' of etcd' : count(renewedNodes.length, 'control plane')}${input.notBegun.length > 0 ? ', then stopped' : ''}`,
    ),
    text: text(summary, rows, nodes, describeLeftAlone(begun), config.certificates.timeZone),
  };
  const everyNodeWasSeen = plan.notAsked === undefined && plan.etcd.length === 0 && after.noAnswers.length === 0;
  return { renewal, metrics: everyNodeWasSeen ? metricsOf(config, after.answers, now) : [] };
}

function metricsOf(config: ClusterConfig, nodes: Answer<ControlPlaneFacts>[], now: Date): Metric[] {
  const expiries = nodes.flatMap(({ name, value }) =>
    value.inventory ? certificateExpiries(name, value.inventory, now) : [],
  );
  return certificateMetrics(config, expiries, 0);
}

/** "5 of 6 nodes", or "6 nodes" when all are. */
function readyOf({ ready }: NonNullable<z.output<typeof verifyRenewalInput>['repair']>): string {
  const { nodes, notReady } = ready;
  const share = notReady.length > 0 ? `${nodes - notReady.length} of ` : '';
  return `${share}${count(nodes, 'node')}`;
}

function notRepaired(cluster: string, unrepaired: string[]): string {
  return `${cluster} is alive, and not every kubelet has come back: ${unrepaired.join('; ')}. Expected a new certificate on each; fix what is said there, then start renew-certificates with {"cluster":"${cluster}","kubelets":true}, and see "${RUNBOOK.dead}" in the runbook.`;
}

function notProven(cluster: string, unproven: string[]): string {
  const shown = unproven.slice(0, 3).join('; ');
  const rest = unproven.length > 3 ? `; and ${unproven.length - 3} more` : '';
  return `The certificates of ${cluster} are not proven to be renewed: ${shown}${rest}. Expected new certificates on disk and the same in every handshake; start renew-certificates again, and see "RenewalNotProven" in the runbook if it says so again.`;
}

function text(
  summary: string,
  rows: RenewalReport['rows'],
  nodes: NodeReport[],
  leftAlone: string[],
  timeZone: string,
): string {
  const lines = [...Map.groupBy(rows, ({ node }) => node)].map(([node, all]) => {
    const renewed = all.filter((row) => row.before.serial !== row.after.serial && row.after.notAfter !== undefined);
    const first = renewed.map((row) => row.after.notAfter ?? '').sort()[0];
    const until = first ? `, valid until ${dateIn(first, timeZone)} or longer` : '';
    const backup = nodes.find((report) => report.node === node)?.backup;
    const before = backup === undefined ? '' : `; what was there before is in ${shorten(backup, 200)} on the node`;
    return `- ${node}: ${count(renewed.length, 'certificate')} renewed${until}${before}`;
  });
  const copies = staleCopies(nodes);
  return mailText(
    [
      ...[summary, '', ...lines, ''],
      ...section(
        'Certificates that were left alone:',
        leftAlone.map((phrase) => `- ${phrase}`),
      ),
      ...section('Copies of admin.conf on the control planes that were not refreshed:', copies),
    ],
    [
      'Other copies of admin.conf (homes, CI, laptops) hold the old client certificate until they are replaced. Those on control planes are refreshed where certificates.adminKubeconfigs names them.',
    ],
  );
}

const section = (title: string, lines: string[]): string[] => (lines.length > 0 ? [title, ...lines, ''] : []);
