import type { EtcdClient, SignedEtcdClient, StartedEtcd } from '../../../../lambdas/contracts/create-steps';
import type { ScriptOutcome } from '../../node';
import type { ClusterModel } from '../cluster-model';
import { done, failure } from '../outcomes';
import type { StepCall } from './step-call';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** start-etcd.sh */
export function startEtcd({ node }: StepCall, cluster: ClusterModel): ScriptOutcome {
  if (!node.prepared) return failure('check the preconditions', 'kubeadm is not installed: prepare this node first.');
  const started: StartedEtcd = { node: node.name, changed: node.membership !== 'joined' };
  node.membership = 'joined';
  cluster.externalEtcd ??= { machine: node, clients: new Map() };
  return done(started);
}

/** etcd-client.sh: the request is the node's name, and the certificate what was made of that. */
export function etcdClient({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const { Certificate: certificate } = parameters;
  const answer: EtcdClient = { node: node.name, changed: true };
  if (certificate === 'none')
    return done({ ...answer, request: base64(`request of ${node.name}`) } satisfies EtcdClient);
  const text = Buffer.from(certificate!, 'base64').toString();
  if (!text.includes(`request of ${node.name}`))
    return failure('check the certificate', 'The certificate does not belong to this node.', 'refused');
  cluster.externalEtcd?.clients.set(node.name, text);
  return done(answer);
}

/** sign-etcd-client.sh */
export function signEtcdClient({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  if (cluster.externalEtcd && cluster.externalEtcd.machine !== node)
    return failure('check the preconditions', 'This machine is no member of an external etcd.', 'refused');
  const number = (cluster.externalEtcd?.clients.size ?? 0) + 1;
  const request = Buffer.from(parameters['Request'] ?? '', 'base64').toString();
  return done({
    node: node.name,
    changed: false,
    certificate: base64(`certificate ${number} for the ${request}`),
    ca: base64('certificate of the CA'),
  } satisfies SignedEtcdClient);
}
