import type { Gate } from '../contracts/plan';
import { passed, refused } from '../domain/plan';
import { listNames } from '../domain/text/plain-text';
import type { UpgradeView } from '../domain/upgrade/view';

/** Packages of a minor unpacked and installed (about 150 MiB), and images of a control plane (about 500 MiB), a hop; measured in the lab. */
const PACKAGES_KIB = 400 * 1024;
const IMAGES_KIB = 800 * 1024;
/** S3 takes no more in one PUT. */
const LARGEST_SNAPSHOT = 5 * 1024 ** 3;

const mebibytes = (kibibytes: number) => `${Math.floor(kibibytes / 1024)} MiB`;

export function diskSpace({ machines, controlPlanes }: UpgradeView, hops: number): Gate {
  const name = 'disk';
  const onControlPlane = new Set(controlPlanes.map(({ instanceId }) => instanceId));
  const short = machines.flatMap(({ name: node, instanceId, value: { machine } }) => {
    const images = onControlPlane.has(instanceId) ? IMAGES_KIB * hops : IMAGES_KIB / 4;
    return [
      ...(machine.disk.freeKiB < PACKAGES_KIB
        ? [`${node} has ${mebibytes(machine.disk.freeKiB)} for packages, ${mebibytes(PACKAGES_KIB)} are needed`]
        : []),
      ...(machine.disk.imagesFreeKiB < images
        ? [`${node} has ${mebibytes(machine.disk.imagesFreeKiB)} for images, ${mebibytes(images)} are needed`]
        : []),
    ];
  });
  if (short.length === 0) return passed(name, 'Every node has room for packages and images.');
  return refused(name, `There is too little room: ${listNames(short, 4)}.`, 'Free some first.');
}

/**
 * kubeadm copies etcd's whole data to /etc/kubernetes at each upgrade and keeps it until the end of the minor; a snapshot and its rehearsal
 * go where etcd's data is.
 */
export function etcdDisk({ controlPlanes, etcd }: UpgradeView): Gate {
  const name = 'etcd-disk';
  if (etcd.topology === 'external') return passed(name, 'etcd is external: nothing of it is copied here.');
  const short = controlPlanes.flatMap(({ name: node, value: { controlPlane } }) => {
    const { etcdDataKiB, kubernetesFreeKiB, etcdFreeKiB, shared } = controlPlane.disk;
    const database = Math.ceil((controlPlane.etcd.databaseBytes ?? etcdDataKiB * 1024) / 1024);
    // The database once as a snapshot, once restored, with a new write-ahead log.
    const rehearsal = 2 * database + 128 * 1024;
    const copy = shared ? etcdDataKiB + rehearsal : etcdDataKiB;
    return [
      ...(kubernetesFreeKiB < copy
        ? [
            `${node} has ${mebibytes(kubernetesFreeKiB)} at /etc/kubernetes, a copy of etcd's data needs ${mebibytes(copy)}`,
          ]
        : []),
      ...(!shared && etcdFreeKiB < rehearsal
        ? [`${node} has ${mebibytes(etcdFreeKiB)} on etcd's disk, the snapshot needs ${mebibytes(rehearsal)}`]
        : []),
    ];
  });
  if (short.length === 0)
    return passed(name, "Every control plane has room for a copy of etcd's data and for the snapshot.");
  return refused(
    name,
    `There is too little room: ${listNames(short, 4)}.`,
    'Free some first: /etc/kubernetes/tmp keeps copies of earlier upgrades.',
  );
}

export function snapshotSize({ controlPlanes }: UpgradeView): Gate {
  const name = 'snapshot-size';
  const large = controlPlanes.find(({ value }) => (value.controlPlane.etcd.databaseBytes ?? 0) > LARGEST_SNAPSHOT);
  if (!large) return passed(name, "etcd's database is small enough for one upload.");
  return refused(
    name,
    `etcd's database on ${large.name} is larger than the 5 GiB that one upload to S3 takes.`,
    'Compact and defragment it first, one member at a time.',
  );
}
