import { DEFAULT_KUBERNETES } from '../../../local/nodes/default-kubernetes';
import type { UpOptions } from '../../../local/nodes/lab/lab-cluster';

const { LAB_KUBERNETES } = process.env;

/** What the operations are tested on: the lab's default, or another version by name (`LAB_KUBERNETES=v1.33.13 npm run test:lab -- operations`). */
export const KUBERNETES: Pick<UpOptions, 'kubernetesVersion'> = LAB_KUBERNETES
  ? { kubernetesVersion: LAB_KUBERNETES }
  : {};

/** Versions that packages.lab.ts installs and upgrades to: the default, which is built for the clusters, and the packages of the next minor. */
export const INSTALLED_FROM = DEFAULT_KUBERNETES;
export const INSTALLED_TO = 'v1.37.2';
