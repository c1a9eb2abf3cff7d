import type { BootstrapTokenResult, NodesReady, RejoinResult } from '../../../../lambdas/contracts/node-steps';
import type { ScriptOutcome } from '../../node';
import { YEAR_MS, iso, isValid, newCertificate } from '../certificates';
import { done, failure } from '../outcomes';
import type { ClusterModel } from '../cluster-model';
import type { StepCall } from './step-call';

/** rejoin-kubelet.sh */
export function rejoinKubelet({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const had = node.certificates.get('kubelet-client')!;
  const wasWell = isValid(had) && node.kubeletRuns && !node.isRejoining;
  const answer = (changed: boolean, reason?: string): ScriptOutcome => {
    const has = node.certificates.get('kubelet-client')!;
    const rejoined: RejoinResult = {
      node: node.name,
      changed,
      ...(reason && { reason }),
      before: { notAfter: iso(had.notAfter) },
      ...(isValid(has) && { after: { serial: has.serial, notAfter: iso(has.notAfter) } }),
      kubelet: 'active',
    };
    return done(rejoined);
  };
  if (wasWell) return answer(false, `The kubelet is active, and its certificate is valid until ${iso(had.notAfter)}.`);
  node.kubeletRuns = true;
  if (!isValid(had)) {
    node.isRejoining = true;
    if (parameters['Wait'] === 'no') return answer(true);
    if (!cluster.knowsToken || !cluster.apiWorks)
      return failure('wait for the certificate', 'The kubelet has no new certificate after 150 s.');
    node.certificates.set('kubelet-client', newCertificate(YEAR_MS));
  }
  node.isRejoining = false;
  return answer(true);
}

/** bootstrap-token.sh */
export function bootstrapToken({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const isCreated = parameters['Action'] === 'create';
  if (!cluster.apiServes(node))
    return failure(
      `${parameters['Action']} the bootstrap token`,
      'The API server of this node took no bootstrap token within 150 s.',
    );
  const told: BootstrapTokenResult = { node: node.name, changed: isCreated || cluster.knowsToken };
  cluster.knowsToken = isCreated;
  return done(told);
}

/** wait-for-nodes.sh */
export function waitForNodes({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const all = cluster.joined.map(({ name }) => name);
  const wanted = parameters['Nodes'] === 'all' ? all : (parameters['Nodes'] ?? '').split(',');
  const ready: NodesReady = {
    node: node.name,
    nodes: wanted.filter((name) => all.includes(name)).length,
    notReady: wanted.filter((name) => !all.includes(name) || cluster.notReady.includes(name)),
  };
  return done(ready);
}
