import { parse } from 'yaml';
import { signClientRequest } from '../../pki/certificate-request';
import { readFlagFile, validity } from '../component';
import type { ContainerContext, StartComponent } from '../component';
import type { CertificateRequest } from '../resource-store';
import { loopbackComponent } from './loopback-component';

const YEAR_MS = 365 * 24 * 3600 * 1000;
const BACKDATE_MS = 300_000;
const SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
/** Whose requests kubeadm's ClusterRoleBindings have approved without anybody's doing. */
const APPROVED_GROUPS = ['system:bootstrappers:kubeadm:default-node-token', 'system:nodes'];

/**
 * kube-controller-manager: health checks, and the kubelets' certificate requests, which it approves and signs while it can log in with
 * the certificate that it found at its start. Several of them need no election: signed is signed.
 */
export const startControllerManager: StartComponent = async (context) => {
  const isValid = validity(ownCertificate(context));
  const health = await loopbackComponent('kube-controller-manager', 10257)(context);
  const sign = () => {
    if (context.neverReady || !isValid()) return;
    for (const request of context.cluster.resources.certificateRequests.values()) void signIfApproved(context, request);
  };
  const stopWatching = context.cluster.resources.watchCertificateRequests(sign);
  sign();
  return {
    stop: async () => {
      stopWatching();
      await health.stop();
    },
  };
};

async function signIfApproved(context: ContainerContext, request: CertificateRequest): Promise<void> {
  const approved = request.groups.some((group) => APPROVED_GROUPS.includes(group));
  if (request.certificate || !approved || request.signerName !== SIGNER) return;
  const now = Date.now();
  const period = { notBefore: new Date(now - BACKDATE_MS), notAfter: new Date(now + YEAR_MS) };
  try {
    const authority = {
      certificate: readFlagFile(context, 'cluster-signing-cert-file'),
      key: readFlagFile(context, 'cluster-signing-key-file'),
    };
    request.certificate ??= await signClientRequest(authority, request.request, period);
  } catch (error) {
    // Without the CA's key, which may be kept elsewhere, nothing is signed.
    context.log(`E "Unable to sign certificate request" err="${(error as Error).message}"`);
  }
}

function ownCertificate(context: ContainerContext): string {
  const { users } = parse(readFlagFile(context, 'kubeconfig')) as {
    users: { user: { 'client-certificate-data': string } }[];
  };
  return Buffer.from(users[0]!.user['client-certificate-data'], 'base64').toString();
}
