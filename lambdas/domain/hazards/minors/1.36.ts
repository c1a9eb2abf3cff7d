import type * as z from 'zod';
import type { minorHazards } from '../minor-hazards';

export const minor136: z.input<typeof minorHazards> = {
  minor: '1.36',
  read: '1.36.3',
  etcd: {
    pin: '3.6.8-0',
    source: 'DefaultEtcdVersion in cmd/kubeadm/app/constants/constants.go of 1.36.3',
  },
  coreDns: {
    pin: '1.14.2',
    accepted: [
      '1.12.0',
      '1.12.1',
      '1.12.2',
      '1.12.3',
      '1.12.4',
      '1.13.0',
      '1.13.1',
      '1.13.2',
      '1.14.0',
      '1.14.1',
      '1.14.2',
    ],
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
    source: 'coredns/corefile-migration v1.0.31, which 1.36.3 uses: migration/versions.go',
  },
  removedGates: {
    names: [
      'CPUCFSQuotaPeriod',
      'CSIMigrationPortworx',
      'HonorPVReclaimPolicy',
      'InPlacePodVerticalScalingAllocatedStatus',
      'InTreePluginPortworxUnregister',
      'MemoryManager',
      'RuntimeClassInImageCriAPI',
      'ServiceTrafficDistribution',
      'StructuredAuthorizationConfiguration',
      'TopologyAwareHints',
      'WatchFromStorageWithoutResourceVersion',
    ],
    source: 'test/compatibility_lifecycle/reference/versioned_feature_list.yaml of 1.35.4 and 1.36.3',
  },
  removedKubeletFlags: [
    {
      name: 'pod-infra-container-image',
      source:
        'kubernetes/kubernetes pull request 135807: kubeadm of 1.36 does not take it out of kubeadm-flags.env any more',
    },
  ],
  badVersions: [],
  refusesCgroupV1: { source: 'kubernetes/kubernetes pull requests 134298 and 134744' },
};
