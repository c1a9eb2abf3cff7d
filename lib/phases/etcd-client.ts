import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { EtcdClient, SignedEtcdClient } from '../../lambdas/contracts/create-steps';
import type { NamedInstance } from '../../lambdas/contracts/node';
import { set } from '../foundation/assign';
import type { Expression } from '../foundation/expressions';
import { expression, variable } from '../foundation/expressions';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask, type RunOnNodesTaskProps } from '../node-access/run-on-nodes-task';

export interface EtcdClientProps extends Pick<RunOnNodesTaskProps<'etcd-client'>, 'lock' | 'lockOf'> {
  runOnNodes: RunOnNodes;
  /** The machine with the key of etcd's CA. */
  etcd: Expression<NamedInstance>;
  controlPlane: Expression<NamedInstance>;
}

const request = variable<string>('etcdRequest');
const certificate = variable<string>('etcdCertificate');
const ca = variable<string>('etcdCa');

/**
 * Gives a control plane the certificate by which its API server is known to an external etcd. The private key stays where it was made: what goes
 * through the state machine is a request, and certificates.
 */
export function etcdClient(scope: Construct, { runOnNodes, etcd, controlPlane, lock, lockOf }: EtcdClientProps): Chain {
  const lockIs = { lock, lockOf };
  const ask = runOnNodesTask(scope, "Make a request for etcd's client", runOnNodes, {
    step: 'etcd-client',
    nodes: controlPlane,
    parameters: { Certificate: 'none', Ca: 'none' },
    ...lockIs,
    assign: [set(request, expression<EtcdClient['request'] & string>`${nodeResults}[0].result.request`)],
  });
  const sign = runOnNodesTask(scope, "Sign it with the key of etcd's CA", runOnNodes, {
    step: 'sign-etcd-client',
    nodes: etcd,
    parameters: { Request: request },
    ...lockIs,
    assign: [
      set(certificate, expression<SignedEtcdClient['certificate']>`${nodeResults}[0].result.certificate`),
      set(ca, expression<SignedEtcdClient['ca']>`${nodeResults}[0].result.ca`),
    ],
  });
  const place = runOnNodesTask(scope, "Put the certificate of etcd's client in place", runOnNodes, {
    step: 'etcd-client',
    nodes: controlPlane,
    parameters: { Certificate: certificate, Ca: ca },
    ...lockIs,
  });
  return ask.next(sign).next(place);
}
