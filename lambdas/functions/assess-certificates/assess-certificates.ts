import type * as z from 'zod';
import type {
  assessCertificatesInput,
  CertificateReport,
  ClusterVersions,
  Finding,
} from '../../contracts/certificate-check';
import { certificateInventory } from '../../contracts/node-steps';
import { RUNBOOK_OF_FINDING } from '../../contracts/runbook';
import {
  certificateExpiries,
  smallestExpiry,
  certificateMetrics,
  type Metric,
} from '../../domain/certificates/expiries';
import { firstThatFit } from '../../domain/first-that-fit';
import { findCasualties } from '../../domain/certificates/casualties';
import { findMixedClusters } from '../../domain/certificates/mixed-clusters';
import { notificationSubject, shorten } from '../../domain/text/plain-text';
import { parseResults } from '../../domain/nodes/answers';
import { isRenewed } from '../../domain/certificates/is-renewed';
import { minorsOf, skewOf, versionsOf } from '../../domain/versions/cluster-versions';
import { assessNode, type HeadedFinding } from './assess-node';
import { decideNext } from './decide-next';
import { findClockSkew } from './find-clock-skew';
import { rankFindings, renderSubject, renderText } from './render-report';
import { renewalObstacles } from './renewal-obstacles';
import { noteUnusedAuthorities } from './unused-authorities';
import { whyRefused } from './why-refused';

/** A state holds 256 KiB; the report stays well below, whatever 50 nodes have to say. */
const MOST_BYTES_OF_FINDINGS = 40_000;
const MOST_NOTES = 30;

export interface Assessment {
  report: CertificateReport;
  /** All findings, for the events: the report may hold fewer. */
  findings: Finding[];
  metrics: Metric[];
}

/**
 * Judges what the nodes answered. One that answers nothing of use, or lies, is a finding: it never keeps the others from being judged.
 */
export function assessCertificates(input: z.output<typeof assessCertificatesInput>, now: Date): Assessment {
  const { cluster, config, options } = input;
  const { answers, noAnswers } = parseResults(certificateInventory, input.nodes);
  const mixed = findMixedClusters(
    cluster,
    answers.map(({ name, value }) => ({ name, caPublicKeys: value.caPublicKeys })),
  );

  const etcdNodes = new Set(input.etcdNodes.map(({ instanceId }) => instanceId));
  const renewsEtcd = answers.some(
    ({ instanceId, value }) =>
      etcdNodes.has(instanceId) && value.certificates.some((row) => row.name === 'etcd-server' && isRenewed(row)),
  );
  const thresholds = {
    now,
    leafDays: options.thresholdDays,
    caDays: config.certificates.caThresholdDays,
    timeZone: config.certificates.timeZone,
  };
  const silent = [
    ...unreachable(input.unreachable),
    ...noAnswers.map((node) => silentNode(node.name, node.error, node.message)),
  ];
  const inventories = answers.map(({ name, value }) => ({ name, inventory: value }));
  const ofControlPlanes = answers.filter(({ instanceId }) => !etcdNodes.has(instanceId));
  const controlPlanes = ofControlPlanes.map(({ name, value }) => ({ name, inventory: value }));
  const seen = [
    ...silent,
    ...(mixed?.strangers ?? []).map(({ name, message }) => aboutNode('mixed-clusters', name, message)),
    ...input.mistagged.map(({ name, problem }) => aboutNode('wrong-role', name, problem)),
    ...answers.flatMap(({ instanceId, name, value }) =>
      assessNode(
        { name, isEtcdNode: etcdNodes.has(instanceId), renewsEtcd, inventory: value },
        ...([thresholds, inventories] as const),
      ),
    ),
  ];
  const findings = rankFindings([...seen, ...renewalObstacles(seen, controlPlanes, config)]);

  const casualties = findCasualties(
    controlPlanes,
    // etcd nodes among the silent make the cluster look larger than it is: it is never called dead too early.
    controlPlanes.length + silent.length,
    now,
  );

  const refusedBecause = whyRefused(controlPlanes);
  const expiries = answers.flatMap(({ name, value }) => certificateExpiries(name, value, now));
  const smallest = smallestExpiry(expiries.filter(({ isCa }) => !isCa));
  const versions = versionsOf(ofControlPlanes);
  const head = {
    cluster,
    checkedAt: now.toISOString(),
    dead: casualties.isDead,
    nodesChecked: answers.length,
    certificatesChecked: answers.reduce(
      (sum, { value }) => sum + value.certificates.filter(({ missing }) => !missing).length,
      0,
    ),
    notes: [
      ...findClockSkew(
        answers.map(({ name, value }) => ({ name, checkedAt: value.checkedAt })),
        now,
      ),
      ...noteUnusedAuthorities(inventories, thresholds),
      ...answers.flatMap(({ name, value }) => withoutKubeadm(name, value.source, value.sourceReason)),
      ...(versions ? skewOf(versions).map((problem) => `Versions are too far apart: ${problem}.`) : []),
    ].slice(0, MOST_NOTES),
    ...decideNext(findings, config, options, casualties.isDead ? casualties.stopped : [], refusedBecause),
  };
  const plain = findings.map(({ heading: _heading, ...finding }): Finding => finding);
  const shown = firstThatFit(plain, MOST_BYTES_OF_FINDINGS);
  const report: CertificateReport = {
    ...head,
    ...(smallest ? { smallest: pickSmallest(smallest) } : {}),
    findings: shown,
    moreFindings: plain.length - shown.length,
    ...(versions && { versions }),
    subject: notificationSubject(renderSubject(head, plain)),
    text: renderText(head, findings, thresholds.timeZone),
  };
  return {
    report,
    findings: plain,
    metrics: [
      ...certificateMetrics(config, expiries, silent.length + input.mistagged.length),
      ...(versions ? versionMetrics(cluster, versions) : []),
    ],
  };
}

function versionMetrics(cluster: string, versions: ClusterVersions): Metric[] {
  const { apiServer, kubeletsBehind } = minorsOf(versions);
  const dimensions = { Cluster: cluster };
  return [
    ...(apiServer === undefined ? [] : [{ name: 'ApiServerMinor' as const, dimensions, value: apiServer }]),
    ...(kubeletsBehind === undefined
      ? []
      : [{ name: 'KubeletMinorsBehind' as const, dimensions, value: kubeletsBehind }]),
  ];
}

function unreachable(nodes: { name: string; unreachable?: string | undefined }[]): HeadedFinding[] {
  return nodes.map(({ name, unreachable: why }) =>
    silentNode(name, 'NodeUnreachable', `${name} could not be asked: ${shorten(why ?? 'SSM does not reach it', 200)}.`),
  );
}

function silentNode(node: string, error: string, message: string): HeadedFinding {
  const kind = error === 'NodeUnreachable' ? 'node-unreachable' : 'node-failed';
  return aboutNode(kind, node, message);
}

function aboutNode(kind: Finding['kind'], node: string, message: string): HeadedFinding {
  return { kind, node, renewable: false, message, heading: RUNBOOK_OF_FINDING[kind] };
}

function withoutKubeadm(name: string, source: string, reason: string | undefined): string[] {
  if (source === 'kubeadm') return [];
  return [`On ${name} openssl alone was asked (${shorten(reason ?? 'kubeadm gave no list', 120)}).`];
}

function pickSmallest({ node, certificate, secondsLeft, notAfter }: NonNullable<CertificateReport['smallest']>) {
  return { node, certificate, secondsLeft, notAfter };
}
