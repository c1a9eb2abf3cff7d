import type { ScriptOutcome } from '../../node';
import { done } from '../outcomes';
import type { ClusterModel } from '../cluster-model';
import type { StepCall } from './step-call';
import { backUpEtcd } from './back-up';
import {
  checkClusterDns,
  checkPodNetwork,
  initControlPlane,
  joinNode,
  preflight,
  prepareJoin,
  prepareNode,
  probePods,
} from './create';
import { etcdClient, signEtcdClient, startEtcd } from './external-etcd';
import { inspectControlPlane } from './facts';
import { inventory } from './inventory';
import { toldVersions } from './told-versions';
import { refreshKubeconfigs, renewCertificates } from './renewal';
import { inspectForUpgrade } from './upgrade-facts';
import { drainNode, raiseEtcd, stageUpgrade, uncordonNode, upgradeKubeadm, upgradeKubelet } from './upgrade';
import { inspectConfiguration, reconfigureControlPlane, reconfigureKubelet, storeConfiguration } from './reconfigure';
import { forgetNode, resetNode } from './remove';
import { bootstrapToken, rejoinKubelet, waitForNodes } from './repair';

type Answer = (call: StepCall, cluster: ClusterModel) => ScriptOutcome;

const ANSWERS: Record<string, Answer> = {
  'check-certificates': ({ node }, cluster) => done({ ...inventory(node, cluster), ...toldVersions(node, cluster) }),
  'inspect-control-plane': inspectControlPlane,
  'renew-certificates': renewCertificates,
  'refresh-kubeconfigs': refreshKubeconfigs,
  'rejoin-kubelet': rejoinKubelet,
  'bootstrap-token': bootstrapToken,
  'wait-for-nodes': waitForNodes,
  'back-up-etcd': backUpEtcd,
  'inspect-for-upgrade': inspectForUpgrade,
  'stage-upgrade': stageUpgrade,
  'raise-etcd': raiseEtcd,
  'upgrade-kubeadm': upgradeKubeadm,
  'drain-node': drainNode,
  'upgrade-kubelet': upgradeKubelet,
  'uncordon-node': uncordonNode,
  preflight,
  'prepare-node': prepareNode,
  'start-etcd': startEtcd,
  'etcd-client': etcdClient,
  'sign-etcd-client': signEtcdClient,
  'init-control-plane': initControlPlane,
  'prepare-join': prepareJoin,
  'join-node': joinNode,
  'probe-pods': probePods,
  'check-pod-network': checkPodNetwork,
  'check-cluster-dns': checkClusterDns,
  'reset-node': resetNode,
  'forget-node': forgetNode,
  'inspect-configuration': inspectConfiguration,
  'store-configuration': storeConfiguration,
  'reconfigure-control-plane': reconfigureControlPlane,
  'reconfigure-kubelet': reconfigureKubelet,
};

/** Does what the step's script would do to the cluster, and answers as it would. */
export function answerStep(call: StepCall, cluster: ClusterModel): ScriptOutcome {
  const answer = ANSWERS[call.step];
  if (!answer)
    throw new RangeError(
      `Scripted nodes do not know the step ${call.step}, they know ${Object.keys(ANSWERS).join(', ')}: add its answer to local/nodes/scripted/answers.`,
    );
  return answer(call, cluster);
}
