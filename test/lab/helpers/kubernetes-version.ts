import type { UpOptions } from '../../../local/nodes/lab/lab-cluster';

const { LAB_KUBERNETES } = process.env;

/**
 * What the operations are tested on: the lab's default, or another version by name (`LAB_KUBERNETES=v1.33.13 npm run test:lab -- operations`),
 * which then is the explicit exception that 1.35 needs on cgroup v1.
 */
export const KUBERNETES: Pick<UpOptions, 'kubernetesVersion' | 'allowCgroupV1'> = LAB_KUBERNETES
  ? { kubernetesVersion: LAB_KUBERNETES, allowCgroupV1: true }
  : {};

/** Versions that packages.lab.ts installs and upgrades to. */
export const INSTALLED_FROM = 'v1.33.13';
export const INSTALLED_TO = 'v1.34.4';
