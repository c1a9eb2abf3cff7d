import type { RefreshResult, RenewalResult } from '../../../../lambdas/contracts/node-steps';
import type { ScriptOutcome } from '../../node';
import type { Certificate, Component } from '../certificates';
import { COMPONENT_NAMES, KUBEADMS, YEAR_MS, iso, newCertificate } from '../certificates';
import { done, failure } from '../outcomes';
import type { ClusterModel } from '../cluster-model';
import type { NodeModel, OpenRenewal } from '../node-model';
import type { StepCall } from './step-call';
import { served } from './inventory';

const HOUR_MS = 3600_000;
type Changes = Pick<RenewalResult, 'renewed' | 'restarted'>;
const NO_CHANGES: Changes = { renewed: [], restarted: [] };

/** renew-certificates.sh */
export function renewCertificates({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const { Force: force, Until: until } = parameters;
  if (!node.kubeletRuns && until !== 'files')
    return failure('check the preconditions', 'The kubelet is inactive: start it.', 'refused');
  const age = Date.now() - (node.renewalFinished?.getTime() ?? 0);
  if (!node.openRenewal && force === 'no' && age < HOUR_MS) {
    const reason = `All certificates were renewed at ${iso(node.renewalFinished!)}, within the last hour, and are served.`;
    return done({ ...result(node, NO_CHANGES), changed: false, reason });
  }

  const renewal = (node.openRenewal ??= renewFiles(node, force === 'yes'));
  const log = ['[renew the files] kubeadm certs renew all'];
  const restarted: RenewalResult['restarted'] = [];
  for (const component of COMPONENT_NAMES.slice(0, restartsUntil(until))) {
    if (!renewal.toRestart.includes(component)) continue;
    renewal.toRestart.splice(renewal.toRestart.indexOf(component), 1);
    restarted.push(restart(node, component, cluster, log));
  }
  const changes = { renewed: renewed(node, renewal), restarted };
  if (until !== 'all') return done({ ...result(node, changes), backup: renewal.backup }, log);
  renewal.isProven = true;
  node.renewalFinished = new Date();
  return done({ ...result(node, changes), backup: renewal.backup }, log);
}

/** refresh-kubeconfigs.sh */
export function refreshKubeconfigs({ node }: StepCall): ScriptOutcome {
  if (!node.openRenewal?.isProven) {
    const reason = 'No renewal on this node waits for it.';
    return done({ node: node.name, changed: false, reason, kubeconfigs: [] } satisfies RefreshResult);
  }
  node.openRenewal = undefined;
  const kubeconfigs = [{ path: '/root/.kube/config', refreshed: true }];
  return done({ node: node.name, changed: true, kubeconfigs } satisfies RefreshResult);
}

const result = (node: NodeModel, changes: Changes): RenewalResult => ({
  node: node.name,
  changed: true,
  ...changes,
  served: served(node),
});

function renewFiles(node: NodeModel, force: boolean): OpenRenewal {
  const before = new Map(node.certificates);
  for (const { name } of KUBEADMS)
    if (before.has(name) && (force || gains(before.get(name)!))) node.certificates.set(name, newCertificate(YEAR_MS));
  node.renewals += 1;
  const backup = `/var/lib/kubeadm-autopilot/backups/${iso(new Date()).replace(/[-:]/g, '')}`;
  return { before, toRestart: [...COMPONENT_NAMES], backup };
}

/** Where it would end earlier than it does, a certificate is left alone. */
const gains = ({ notAfter }: Certificate): boolean => notAfter.getTime() <= Date.now() + YEAR_MS;

/** How many of the components in their order. */
function restartsUntil(until: string | undefined): number {
  if (until === 'files') return 0;
  return until === 'all' ? COMPONENT_NAMES.length : COMPONENT_NAMES.indexOf(until as Component) + 1;
}

function restart(node: NodeModel, component: Component, cluster: ClusterModel, log: string[]) {
  const oldContainer = node.containers[component]!;
  if (component === 'etcd') cluster.etcd.handOver(node);
  log.push(`[restart ${component}] remove sandbox ${oldContainer} of ${component}`);
  node.restart(component);
  log.push(`[restart ${component}] ${component} is healthy`);
  return { component, oldContainer, newContainer: node.containers[component]! };
}

function renewed(node: NodeModel, { before }: OpenRenewal): RenewalResult['renewed'] {
  const described = ({ serial, notAfter }: { serial: string; notAfter: Date }) => ({ serial, notAfter: iso(notAfter) });
  return KUBEADMS.flatMap(({ name, path }) => {
    const old = before.get(name);
    const now = node.certificates.get(name)!;
    return old && old !== now ? [{ name, path, before: described(old), after: described(now) }] : [];
  });
}
