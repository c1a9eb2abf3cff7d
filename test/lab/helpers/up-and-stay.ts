import { LabCluster } from '../../../local/nodes/lab/lab-cluster';

/** Makes a cluster and stays until it is killed. */
void LabCluster.up({ name: process.argv[2]!, controlPlanes: 1, workers: 0, onProgress: console.log }).then(() =>
  setInterval(() => undefined, 1000),
);
