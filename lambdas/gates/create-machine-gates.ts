import type { Prerequisite } from '../contracts/create';
import type { PreflightFacts } from '../contracts/create-steps';
import type { KubernetesSettings } from '../contracts/kubernetes-settings';
import type { NodeRole } from '../contracts/node';
import { RUNTIME_SOCKET } from '../domain/kubeadm/render-configuration';
import { isJoined, type CreateView, type Machine } from '../domain/create/machines';
import { listNames } from '../domain/text/plain-text';
import { isOlder, minorOf } from '../domain/versions/version';
import { namesakes } from './namesakes';

// The table of prerequisites: what each machine has to have. Only machines that are about to join are looked at, one that has joined runs already.

/** kubeadm's own limits, with the tenth that a machine's firmware keeps. */
const LEAST = { cpusOfControlPlane: 2, memoryMiB: 1700, diskMiB: 5_000, etcdMiB: 2_000 } as const;
const OF_CONTROL_PLANE = [6443, 10257, 10259];
const OF_ETCD = [2379, 2380];
const OF_NODE = [10250, 10256];
/** Before this one, containerd does not speak the CRI that the kubelet of 1.26 and newer wants. */
const OLDEST_CONTAINERD = '1.6.0';
const SYSTEMS = ['debian', 'ubuntu'];

/** What was begun may be gone on with as these. */
const ROLES_OF_STEP: Record<NonNullable<PreflightFacts['cluster']['step']>, NodeRole[]> = {
  init: ['control-plane'],
  join: ['control-plane', 'worker'],
  etcd: ['etcd'],
};

type Row = Omit<Prerequisite, 'node' | 'warning'> & { warning?: boolean };
type Check = (machine: Machine, view: CreateView) => Row | undefined;

/** Rows for all that is not as it should be, by node. */
export function prerequisites(view: CreateView): Prerequisite[] {
  const joining = [...view.machines, ...view.etcdMachines].filter((machine) => !isJoined(machine));
  const rows = joining.flatMap((machine) =>
    CHECKS.flatMap((check): Prerequisite[] => {
      const row = check(machine, view);
      return row ? [{ node: machine.name, warning: false, ...row }] : [];
    }),
  );
  return [...rows, ...namesakes(view)];
}

const CHECKS: Check[] = [
  ({ value }) =>
    SYSTEMS.includes(value.system.id) && value.packages.manager === 'apt'
      ? undefined
      : {
          check: 'system',
          found: `${value.system.id} with ${value.packages.manager}`,
          wanted: 'Debian or Ubuntu with apt',
          whatToDo: 'Use another image.',
        },
  ({ value, role }) =>
    role === 'control-plane' && value.cpus < LEAST.cpusOfControlPlane
      ? {
          check: 'processors',
          found: String(value.cpus),
          wanted: `${LEAST.cpusOfControlPlane} or more`,
          whatToDo: 'Use a larger instance type.',
        }
      : undefined,
  ({ value, role }) =>
    role === 'control-plane' && value.memoryMiB < LEAST.memoryMiB
      ? {
          check: 'memory',
          found: `${value.memoryMiB} MiB`,
          wanted: `${LEAST.memoryMiB} MiB or more`,
          whatToDo: 'Use a larger instance type.',
        }
      : undefined,
  ({ value: { disk } }) =>
    disk.kubeletFreeMiB < LEAST.diskMiB || disk.containerdFreeMiB < LEAST.diskMiB
      ? {
          check: 'disk space',
          found: `${Math.min(disk.kubeletFreeMiB, disk.containerdFreeMiB)} MiB free`,
          wanted: `${LEAST.diskMiB} MiB or more below /var/lib`,
          whatToDo: 'Use a larger volume.',
        }
      : undefined,
  ({ value: { disk }, role }, { settings }) =>
    (role === 'etcd' || (role === 'control-plane' && !settings.externalEtcd)) && disk.etcdFreeMiB < LEAST.etcdMiB
      ? {
          check: 'disk space for etcd',
          found: `${disk.etcdFreeMiB} MiB free`,
          wanted: `${LEAST.etcdMiB} MiB or more below /var/lib/etcd`,
          whatToDo: 'Use a larger volume.',
        }
      : undefined,
  ({ value, role }, { settings }) => {
    // What was begun here is undone first, with all that listens.
    if (value.cluster.state === 'unfinished') return undefined;
    const wanted = [
      ...(role === 'control-plane' ? [...OF_CONTROL_PLANE, ...(settings.externalEtcd ? [] : OF_ETCD)] : []),
      // Its kubelet runs alone, without a kube-proxy.
      ...(role === 'etcd' ? [...OF_ETCD, OF_NODE[0]!] : OF_NODE),
    ].sort((a, b) => a - b);
    const used = value.portsInUse.filter((port) => wanted.includes(port));
    return used.length === 0
      ? undefined
      : {
          check: 'ports',
          found: `somebody listens on ${used.join(', ')}`,
          wanted: `${wanted.join(', ')} free`,
          whatToDo: 'End what listens there (ss -ltnp).',
        };
  },
  ({ value }, { settings, machines }) =>
    value.cgroup === 'v1' &&
    // Nodes of the cluster live with it.
    !machines.some((machine) => isJoined(machine) && machine.value.cgroup === 'v1') &&
    (minorOf(settings.version) ?? 0) >= 35 &&
    settings.kubelet.failCgroupV1 !== false
      ? {
          check: 'control groups',
          found: 'v1',
          wanted: 'v2, which Kubernetes 1.35 and newer asks for',
          whatToDo: 'Use an image with control groups v2.',
        }
      : undefined,
  ({ value: { runtime } }, { settings }) =>
    settings.runtime === 'containerd' &&
    runtime.containerd !== undefined &&
    isOlder(runtime.containerd, OLDEST_CONTAINERD)
      ? {
          check: 'containerd',
          found: runtime.containerd,
          wanted: `${OLDEST_CONTAINERD} or newer`,
          whatToDo: 'Upgrade containerd on the image.',
        }
      : undefined,
  // CRI-O has the minors of Kubernetes. What is not of this one is replaced, which a person may want to know before.
  ({ value: { runtime } }, { settings }) =>
    settings.runtime === 'cri-o' && runtime.crio !== undefined && minorOf(runtime.crio) !== minorOf(settings.version)
      ? {
          check: 'CRI-O',
          found: runtime.crio,
          wanted: `the minor of Kubernetes ${settings.version}`,
          whatToDo: 'It is installed from the repository of that minor.',
          warning: true,
        }
      : undefined,
  ({ value: { runtime } }, { settings }) => {
    // Docker runs its own containerd.
    const own = settings.runtime === 'cri-dockerd' ? ['containerd', 'cri-dockerd'] : [settings.runtime];
    const sockets = own.map((name) => RUNTIME_SOCKET[name as KubernetesSettings['runtime']]);
    const others = runtime.sockets.filter((socket) => !sockets.includes(socket));
    return others.length === 0
      ? undefined
      : {
          check: 'container runtimes',
          found: others.join(', '),
          wanted: `${settings.runtime} alone`,
          whatToDo: `Stop the other one if nobody needs it: the kubelet uses ${settings.runtime}.`,
          warning: true,
        };
  },
  // Somebody else's: that of a machine of role etcd starts later.
  ({ value: { externalEtcd: found }, role }, { config }) => {
    const externalEtcd = config.kubernetes?.externalEtcd;
    return role === 'control-plane' && externalEtcd && (!found || found.missing.length + found.silent.length > 0)
      ? {
          check: 'external etcd',
          found: !found
            ? 'it was not asked'
            : found.missing.length > 0
              ? `no ${listNames(found.missing)}`
              : `no healthy answer from ${listNames(found.silent, 3)}`,
          wanted: `the files of kubernetes.externalEtcd, with which ${listNames(externalEtcd.endpoints, 3)} ${externalEtcd.endpoints.length === 1 ? 'answers' : 'answer'} /health`,
          whatToDo:
            'Put the certificate of its CA, a client certificate and its key on every control plane, and let them reach it.',
        }
      : undefined;
  },
  ({ value, role }, { config }) =>
    // Without these settings nobody could ask the machine for it, and etcd calls no API.
    config.kubernetes && role !== 'etcd' && value.endpointAddresses.length === 0
      ? {
          check: 'name of the endpoint',
          found: 'no address',
          wanted: 'it resolves on every node',
          whatToDo: 'Create the DNS record of kubernetes.endpoint, and look at the resolver of the node.',
        }
      : undefined,
  ({ value: { secrets } }) =>
    secrets.ok
      ? undefined
      : {
          check: 'metadata and role',
          found: (secrets.reason ?? 'no reason given').slice(0, 300),
          wanted: 'the node reads SecureString parameters as its instance role',
          whatToDo: 'Give the instance a role with AmazonSSMManagedInstanceCore and switch its metadata service on.',
        },
  ({ value }) =>
    value.clock === 'not synchronised'
      ? {
          check: 'clock',
          found: value.clock,
          wanted: 'synchronised',
          whatToDo: 'Start chrony or systemd-timesyncd.',
          warning: true,
        }
      : undefined,
  ({ value: { cluster } }) =>
    cluster.state === 'remains'
      ? {
          check: 'remains of a cluster',
          found: cluster.file ?? 'files of a cluster',
          wanted: 'a machine that is no node',
          whatToDo: "Run 'kubeadm reset' on it if nobody needs them.",
        }
      : undefined,
  ({ value: { cluster }, role }) =>
    cluster.step !== undefined && !ROLES_OF_STEP[cluster.step].includes(role)
      ? {
          check: 'role',
          found: `${cluster.step === 'etcd' ? 'etcd' : `kubeadm ${cluster.step}`} was begun on it`,
          wanted: `the role ${role}`,
          whatToDo: "Correct its tag kubeadm-autopilot:role, or run 'kubeadm reset' on it.",
        }
      : undefined,
];
