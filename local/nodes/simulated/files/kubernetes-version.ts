/** 34 of v1.34.4. */
export function minorOf(version: string): number {
  const minor = /^v1\.(\d+)\.\d+$/.exec(version)?.[1];
  if (!minor) throw new RangeError(`A Kubernetes version looks like v1.34.4: got ${JSON.stringify(version)}.`);
  return Number(minor);
}

/** From this minor on: the etcd that kubeadm installs (DefaultEtcdVersion in its constants.go). */
const ETCD: [minor: number, version: string][] = [
  [37, '3.7.0'],
  [36, '3.6.8'],
  [35, '3.6.6'],
  [34, '3.6.5'],
  [0, '3.5.24'],
];

export function etcdVersionOf(version: string): string {
  const minor = minorOf(version);
  return ETCD.find(([from]) => minor >= from)![1];
}
