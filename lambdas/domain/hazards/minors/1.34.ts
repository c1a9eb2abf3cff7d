import type * as z from 'zod';
import type { minorHazards } from '../minor-hazards';

export const minor134: z.input<typeof minorHazards> = {
  minor: '1.34',
  read: '1.34.4',
  etcd: {
    pin: '3.6.5-0',
    before: {
      version: '3.5.26',
      imageTag: '3.5.31-0',
      source:
        'etcd.io, "Upgrade from 3.5 to 3.6" and the post of 2025-12-17 on zombie members; image: kubernetes/k8s.io pull request 9558',
    },
    source: 'DefaultEtcdVersion in cmd/kubeadm/app/constants/constants.go of 1.34.4',
  },
  coreDns: {
    pin: '1.12.1',
    accepted: ['1.12.0', '1.12.1'],
    plugins: [
      'errors',
      'log',
      'health',
      'ready',
      'autopath',
      'kubernetes',
      'k8s_external',
      'prometheus',
      'forward',
      'cache',
      'loop',
      'reload',
      'loadbalance',
      'hosts',
      'rewrite',
      'transfer',
    ],
    source: 'coredns/corefile-migration v1.0.26, which 1.34.4 uses: migration/versions.go',
  },
  removedGates: {
    names: [
      'DevicePluginCDIDevices',
      'ElasticIndexedJob',
      'LegacySidecarContainers',
      'PodDisruptionConditions',
      'StatefulSetStartOrdinal',
    ],
    source: 'test/compatibility_lifecycle/reference/versioned_feature_list.yaml of 1.33.13 and 1.34.4',
  },
  removedKubeletFlags: [
    {
      name: 'cloud-config',
      source: 'kubernetes/kubernetes pull request 130161; options of the kubelet of 1.33.13 and 1.34.4',
    },
    { name: 'register-schedulable', source: 'options of the kubelet of 1.33.13 and 1.34.4' },
  ],
  badVersions: [
    {
      version: '1.34.0',
      why: 'its kubeadm fails at "upgrade node" where the name of the node is not its host name',
      instead: '1.34.2',
      source: 'kubernetes/kubeadm issue 3244',
    },
    {
      version: '1.34.1',
      why: 'its kubeadm fails at "upgrade node" where the name of the node is not its host name',
      instead: '1.34.2',
      source: 'kubernetes/kubeadm issue 3244',
    },
  ],
};
