import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import { contract } from './one-control-plane/contract';
import { metadata } from './one-control-plane/metadata';
import { aLabNode } from './one-control-plane/node';
import { traces } from './helpers/traces';

const NAME = 'one-control-plane';

/** What needs no more than one control plane, one after the other on the same, because most of the time would go into making another. */
describe('one control plane', () => {
  let cluster: LabCluster;

  beforeAll(async () => {
    cluster = await LabCluster.up({ name: NAME, controlPlanes: 1, workers: 0 });
  });
  afterAll(async () => {
    await cluster?.down();
    expect(traces(NAME)).toEqual([]);
  });

  // The contract first: it is about a node that was never switched off.
  contract(() => cluster);
  aLabNode(() => cluster);
  metadata(() => cluster);
});
