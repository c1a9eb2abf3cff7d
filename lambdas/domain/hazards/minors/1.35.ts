import type * as z from 'zod';
import type { minorHazards } from '../minor-hazards';

export const minor135: z.input<typeof minorHazards> = {
  minor: '1.35',
  read: '1.35.4',
  etcd: {
    pin: '3.6.6-0',
    source: 'DefaultEtcdVersion in cmd/kubeadm/app/constants/constants.go of 1.35.4',
  },
  coreDns: {
    pin: '1.13.1',
    accepted: ['1.12.0', '1.12.1', '1.12.2', '1.12.3', '1.12.4', '1.13.0', '1.13.1'],
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
    source: 'coredns/corefile-migration v1.0.29, which 1.35.4 uses: migration/versions.go',
  },
  removedGates: {
    names: [
      'AllowServiceLBStatusOnNonLB',
      'ComponentSLIs',
      'CronJobsScheduledAnnotation',
      'LoadBalancerIPMode',
      'PodIndexLabel',
      'ProbeHostPodSecurityStandards',
      'SizeMemoryBackedVolumes',
      'StatefulSetAutoDeletePVC',
      'StrictCostEnforcementForVAP',
      'StrictCostEnforcementForWebhooks',
      'UserNamespacesPodSecurityStandards',
    ],
    source: 'test/compatibility_lifecycle/reference/versioned_feature_list.yaml of 1.34.4 and 1.35.4',
  },
  removedKubeletFlags: [
    {
      name: 'pod-infra-container-image',
      strippedByKubeadm: true,
      source:
        'kubernetes/kubernetes pull requests 133778 and 133779; cmd/kubeadm/app/cmd/phases/upgrade/postupgrade.go of 1.35.4',
    },
  ],
  badVersions: [
    {
      version: '1.35.0',
      why: 'its kubeadm fails after the upgrade where KUBELET_KUBEADM_ARGS is empty ("no flags found")',
      instead: '1.35.1',
      source: 'kubernetes/kubeadm issue 3279',
    },
  ],
  refusesCgroupV1: { source: 'kubernetes/kubernetes pull requests 134298 and 134744' },
};
