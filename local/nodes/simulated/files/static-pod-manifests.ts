import { stringify } from 'yaml';
import type { ClusterSettings } from './cluster-configuration';
import { etcdVersionOf } from './kubernetes-version';
import { PKI, apiServerFlags, controllerManagerFlags, etcdFlags, kubeconfigFlags } from './static-pod-flags';
import type { Flags, ManifestNode } from './static-pod-flags';

export const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
export type Component = (typeof COMPONENTS)[number];

interface Shape {
  flags: Flags;
  annotations?: Record<string, string>;
  probe: { host: string; port: number; scheme: 'HTTP' | 'HTTPS'; liveness: string; readiness?: string };
  requests: Record<string, string>;
  /** Volume name -> host path; files and folders that the container may see. */
  mounts: Record<string, { path: string; file?: boolean; writable?: boolean }>;
}

function shapeOf(component: Component, node: ManifestNode, settings: ClusterSettings): Shape {
  const local = { host: '127.0.0.1', scheme: 'HTTPS' as const };
  const certificates = { 'ca-certs': { path: '/etc/ssl/certs' }, 'k8s-certs': { path: PKI } };
  const kubeconfig = (name: string) => ({ kubeconfig: { path: `/etc/kubernetes/${name}`, file: true } });
  switch (component) {
    case 'etcd':
      return {
        flags: etcdFlags(node, settings),
        annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': `https://${node.privateIp}:2379` },
        probe: { host: '127.0.0.1', port: 2381, scheme: 'HTTP', liveness: '/livez', readiness: '/readyz' },
        requests: { cpu: '100m', memory: '100Mi' },
        mounts: {
          'etcd-certs': { path: `${PKI}/etcd`, writable: true },
          'etcd-data': { path: '/var/lib/etcd', writable: true },
        },
      };
    case 'kube-apiserver':
      return {
        flags: apiServerFlags(node, settings),
        annotations: {
          'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${node.privateIp}:6443`,
        },
        probe: { host: node.privateIp, port: 6443, scheme: 'HTTPS', liveness: '/livez', readiness: '/readyz' },
        requests: { cpu: '250m' },
        mounts: certificates,
      };
    case 'kube-controller-manager':
      return {
        flags: controllerManagerFlags(settings),
        probe: { ...local, port: 10257, liveness: '/healthz' },
        requests: { cpu: '200m' },
        mounts: {
          'ca-certs': certificates['ca-certs'],
          'flexvolume-dir': { path: '/usr/libexec/kubernetes/kubelet-plugins/volume/exec', writable: true },
          'k8s-certs': certificates['k8s-certs'],
          ...kubeconfig('controller-manager.conf'),
        },
      };
    case 'kube-scheduler':
      return {
        flags: kubeconfigFlags('/etc/kubernetes/scheduler.conf'),
        probe: { ...local, port: 10259, liveness: '/livez', readiness: '/readyz' },
        requests: { cpu: '100m' },
        mounts: kubeconfig('scheduler.conf'),
      };
  }
}

function imageOf(component: Component, version: string): string {
  return `registry.k8s.io/${component}:${component === 'etcd' ? `${etcdVersionOf(version)}-0` : version}`;
}

/** A static-pod manifest as kubeadm writes it. */
export function staticPodManifest(component: Component, node: ManifestNode, settings: ClusterSettings): string {
  const { flags, annotations, probe, requests, mounts } = shapeOf(component, node, settings);
  const httpGet = (path: string) => ({ host: probe.host, path, port: 'probe-port', scheme: probe.scheme });
  const slow = { initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 15 };
  const startupPath = component === 'etcd' ? '/readyz' : probe.liveness;
  const container = {
    name: component,
    command: [
      component,
      ...Object.keys(flags)
        .sort()
        .map((flag) => `--${flag}=${flags[flag]}`),
    ],
    image: imageOf(component, settings.kubernetesVersion),
    imagePullPolicy: 'IfNotPresent',
    livenessProbe: { failureThreshold: 8, httpGet: httpGet(probe.liveness), ...slow },
    ports: [{ containerPort: probe.port, name: 'probe-port', protocol: 'TCP' }],
    ...(probe.readiness
      ? {
          readinessProbe: {
            failureThreshold: 3,
            httpGet: httpGet(probe.readiness),
            periodSeconds: 1,
            timeoutSeconds: 15,
          },
        }
      : {}),
    resources: { requests },
    startupProbe: { failureThreshold: 24, httpGet: httpGet(startupPath), ...slow },
    volumeMounts: Object.entries(mounts).map(([name, mount]) => ({
      mountPath: mount.path,
      name,
      ...(mount.writable ? {} : { readOnly: true }),
    })),
  };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(annotations ? { annotations } : {}),
      labels: { component, tier: 'control-plane' },
      name: component,
      namespace: 'kube-system',
    },
    spec: {
      containers: [container],
      hostNetwork: true,
      priority: 2000001000,
      priorityClassName: 'system-node-critical',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      volumes: Object.entries(mounts).map(([name, mount]) => ({
        hostPath: { path: mount.path, type: mount.file ? 'FileOrCreate' : 'DirectoryOrCreate' },
        name,
      })),
    },
    status: {},
  };
  return stringify(pod, { sortMapEntries: true, indentSeq: false, lineWidth: 0 });
}
