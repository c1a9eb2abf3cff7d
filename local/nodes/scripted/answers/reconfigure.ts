import type {
  ConfigurationFacts,
  ReconfiguredControlPlane,
  ReconfiguredKubelet,
  StoredConfiguration,
} from '../../../../lambdas/contracts/reconfigure-steps';
import type { ScriptOutcome } from '../../node';
import type { ClusterModel } from '../cluster-model';
import type { NodeModel } from '../node-model';
import { done } from '../outcomes';
import type { StepCall } from './step-call';

const encode = (text: string): string => Buffer.from(text).toString('base64');
const decode = (text = ''): string => Buffer.from(text, 'base64').toString();
const configurationOf = ({ name, role }: NodeModel, { configuration }: ClusterModel) => configuration.of(name, role);

/** inspect-configuration.sh */
export function inspectConfiguration({ node }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const { stored, previous } = cluster.configuration;
  const here = configurationOf(node, cluster);
  const compare = (is: string | undefined, key: 'cluster' | 'kubelet', byHand: string[] = []) => {
    if (byHand.length > 0) return { is: 'changed' as const, difference: byHand };
    if (is === stored[key]) return { is: 'recorded' as const, difference: [] };
    const wasStored = previous.some((one) => one[key] === is);
    return wasStored
      ? { is: 'previous' as const, difference: [] }
      : { is: 'changed' as const, difference: ['+other: true'] };
  };
  const facts: ConfigurationFacts = {
    node: node.name,
    kubeadm: node.versions.kubeadm,
    kubelet: { ...compare(here.kubelet, 'kubelet'), flags: here.flags },
    patches: [],
    ...(node.role === 'control-plane' && {
      controlPlane: {
        clusterConfiguration: encode(stored.cluster),
        kubeletConfiguration: encode(stored.kubelet),
        unfinished: previous.length > 0,
        manifests: [
          { component: 'kube-apiserver', ...compare(here.staticPods, 'cluster', here.byHand) },
          { component: 'kube-scheduler', ...compare(here.staticPods, 'cluster') },
        ],
        certSANs: ['10.96.0.1', node.name],
        canSign: true,
      },
    }),
  };
  return done(facts);
}

/** store-configuration.sh */
export function storeConfiguration({ node, parameters }: StepCall, { configuration }: ClusterModel): ScriptOutcome {
  const answer = (changed: boolean) => done({ node: node.name, changed } satisfies StoredConfiguration);
  if (parameters['Action'] === 'finish') return answer(configuration.previous.splice(0).length > 0);
  const wanted = {
    cluster: decode(parameters['ClusterConfiguration']),
    kubelet: decode(parameters['KubeletConfiguration']),
  };
  const { stored } = configuration;
  if (wanted.cluster === stored.cluster && wanted.kubelet === stored.kubelet) return answer(false);
  configuration.previous.unshift(stored);
  configuration.stored = wanted;
  return answer(true);
}

/** reconfigure-control-plane.sh */
export function reconfigureControlPlane({ node }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const here = configurationOf(node, cluster);
  const changed = here.staticPods !== cluster.configuration.stored.cluster || here.byHand.length > 0;
  here.staticPods = cluster.configuration.stored.cluster;
  here.byHand = [];
  if (changed) node.restart('kube-apiserver');
  const answer: ReconfiguredControlPlane = {
    ...{ node: node.name, changed },
    ...{ components: changed ? ['kube-apiserver'] : [], certificate: false },
  };
  return done(answer);
}

/** reconfigure-kubelet.sh */
export function reconfigureKubelet({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const here = configurationOf(node, cluster);
  const before = `${here.kubelet} ${here.flags}`;
  here.kubelet = cluster.configuration.stored.kubelet;
  const wanted = parameters['Arguments'] === 'none' ? [] : decode(parameters['Arguments']).split('\n').filter(Boolean);
  const isNamed = (flag: string) =>
    wanted.some((line) => line.slice(1).split('=')[0] === flag.replace(/^--/, '').split('=')[0]);
  here.flags = [
    ...here.flags.split(' ').filter((flag) => !isNamed(flag)),
    ...wanted.filter((line) => line.startsWith('+')).map((line) => `--${line.slice(1)}`),
  ].join(' ');
  return done({ node: node.name, changed: before !== `${here.kubelet} ${here.flags}` } satisfies ReconfiguredKubelet);
}
