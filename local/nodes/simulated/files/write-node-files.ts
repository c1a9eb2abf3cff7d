import {
  APISERVER_ETCD_CLIENT,
  CAS,
  CONTROL_PLANE_CERTIFICATES,
  ETCD_CERTIFICATES,
  EXTERNAL_ETCD_CLIENT,
  KUBECONFIG_CERTIFICATES,
} from '../pki/kubeadm-certificates';
import type { CaName, CertificateSpec } from '../pki/kubeadm-certificates';
import { embeddedCredentials, kubeconfigText } from '../pki/kubeconfig';
import { minorOf } from './kubernetes-version';
import type { NodeFiles } from './node-files';
import { COMPONENTS, staticPodManifest } from './static-pod-manifests';
import { put } from './put';
import { writeKubeletFiles } from './write-kubelet-files';

/** Everything that kubeadm init or join leaves on a node. */
export async function writeNodeFiles(files: NodeFiles): Promise<void> {
  await writeKubeletFiles(files);
  if (files.role === 'worker') {
    put(files.root, '/etc/kubernetes/pki/ca.crt', files.pki.authorities.ca.certificate, 0o644);
    return;
  }
  if (files.role === 'etcd') {
    writeCa(files, 'etcd-ca', !files.first);
    await writeCertificates(files, ETCD_CERTIFICATES);
  } else {
    await writeControlPlane(files);
  }
  writeManifests(files);
  // What a simulated etcd knows is in its process; on a real node this is where its data are.
  if (files.settings.externalEtcdEndpoints === undefined || files.role === 'etcd')
    put(files.root, '/var/lib/etcd/member/snap/db', '');
}

async function writeControlPlane(files: NodeFiles): Promise<void> {
  const { root, pki, settings } = files;
  const external = settings.externalEtcdEndpoints !== undefined;
  writeCa(files, 'ca');
  writeCa(files, 'front-proxy-ca');
  if (external) {
    put(root, '/etc/kubernetes/pki/external-etcd/ca.crt', pki.authorities['etcd-ca'].certificate, 0o644);
    await writeCertificates(files, [EXTERNAL_ETCD_CLIENT]);
  } else {
    writeCa(files, 'etcd-ca');
    await writeCertificates(files, [...ETCD_CERTIFICATES, APISERVER_ETCD_CLIENT]);
  }
  await writeCertificates(files, CONTROL_PLANE_CERTIFICATES);
  put(root, '/etc/kubernetes/pki/sa.key', pki.serviceAccountKey.privateKey);
  put(root, '/etc/kubernetes/pki/sa.pub', pki.serviceAccountKey.publicKey);
  for (const spec of KUBECONFIG_CERTIFICATES) await writeKubeconfig(files, spec);
}

function writeCa({ root, pki, externalCas }: NodeFiles, name: CaName, withoutKey = false): void {
  const { certificate, key } = pki.authorities[name];
  put(root, `/etc/kubernetes/pki/${CAS[name].file}.crt`, certificate, 0o644);
  if (!withoutKey && !externalCas.includes(name)) put(root, `/etc/kubernetes/pki/${CAS[name].file}.key`, key);
}

async function writeCertificates({ root, pki, node }: NodeFiles, specs: CertificateSpec[]): Promise<void> {
  for (const spec of specs) {
    const { certificate, key } = await pki.issue(spec, node);
    put(root, `/etc/kubernetes/pki/${spec.file}.crt`, certificate, 0o644);
    put(root, `/etc/kubernetes/pki/${spec.file}.key`, key);
  }
}

async function writeKubeconfig(files: NodeFiles, spec: CertificateSpec): Promise<void> {
  const { root, pki, node, settings, first } = files;
  // super-admin.conf came with 1.29, and only kubeadm init writes it.
  if (spec.name === 'super-admin.conf' && !(first && minorOf(settings.kubernetesVersion) >= 29)) return;
  const user = spec.request(node).subject.commonName;
  const local = spec.name === 'controller-manager.conf' || spec.name === 'scheduler.conf';
  const text = kubeconfigText({
    cluster: settings.clusterName,
    user,
    context: `${user}@${settings.clusterName}`,
    server: `https://${local ? `${node.privateIp}:6443` : settings.controlPlaneEndpoint}`,
    ca: pki.authorities.ca.certificate,
    credentials: embeddedCredentials(await pki.issue(spec, node)),
  });
  put(root, `/etc/kubernetes/${spec.name}`, text);
  // The copy that kubeadm's own last message tells people to make.
  if (spec.name === 'admin.conf') put(root, '/root/.kube/config', text);
}

function writeManifests({ root, role, node, initialCluster, settings }: NodeFiles): void {
  const manifestNode = { name: node.nodeName, privateIp: node.privateIp, initialCluster };
  for (const component of COMPONENTS) {
    const runsHere = component === 'etcd' ? initialCluster.length > 0 : role === 'control-plane';
    if (runsHere) {
      put(root, `/etc/kubernetes/manifests/${component}.yaml`, staticPodManifest(component, manifestNode, settings));
    }
  }
}
