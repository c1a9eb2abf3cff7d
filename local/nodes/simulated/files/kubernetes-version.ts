/** 34 of v1.34.4. */
export function minorOf(version: string): number {
  const minor = /^v1\.(\d+)\.\d+$/.exec(version)?.[1];
  if (!minor) throw new RangeError(`A Kubernetes version looks like v1.34.4: got ${JSON.stringify(version)}.`);
  return Number(minor);
}

/** The etcd that kubeadm of that minor installs. */
export function etcdVersionOf(version: string): string {
  return minorOf(version) >= 34 ? '3.6.5' : '3.5.24';
}
