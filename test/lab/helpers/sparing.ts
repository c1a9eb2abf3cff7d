/** One thread at a time for each component: a cluster that does nothing then takes a fifth less of two cores, which others want. */
const sparing = () => ({ extraEnvs: [{ name: 'GOMAXPROCS', value: '1' }] });

/** ClusterConfiguration of a large cluster that lives beside others. */
export const SPARING = {
  apiServer: sparing(),
  controllerManager: sparing(),
  scheduler: sparing(),
  etcd: { local: sparing() },
};
