import type { Prerequisite } from '../contracts/create';
import { isJoined, type Machine, type MachinesView } from '../domain/create/machines';
import { listNames } from '../domain/text/plain-text';

// Rows of the table of prerequisites that are about machines together: each has names of its own, and they reach each other.

const PURPOSE: Record<string, string> = {
  '6443': 'API',
  '2379': 'etcd',
  '2380': 'etcd',
  '10250': 'kubelet',
};

/**
 * Ports of one another that machines do not reach. Of a cluster that is there others may know why, as where its API servers listen elsewhere: it
 * is a warning then. Nodes that have joined are asked as well, because they have to reach those that join.
 */
export function unreachedPorts({ machines }: MachinesView): Prerequisite[] {
  const nameOf = new Map(machines.flatMap(({ name, privateIp }) => (privateIp ? [[privateIp, name] as const] : [])));
  const isThere = machines.some(isJoined);
  const named = (address: string) => {
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
    return `${nameOf.get(host) ?? host} port ${port} (${PURPOSE[port] ?? 'TCP'})`;
  };
  return machines.flatMap(({ name, value: { unreached = [] } }): Prerequisite[] =>
    unreached.length === 0
      ? []
      : [
          {
            ...{ node: name, check: 'ports of the others', warning: isThere },
            found: `no answer from ${listNames(unreached.map(named), 4)}`,
            wanted: 'nodes reach each other on the ports of Kubernetes',
            whatToDo: 'Correct the security groups and network ACLs of the machines: docs/infrastructure.md, Ports.',
          },
        ],
  );
}

/** Machines cloned from one another: Kubernetes tells nodes apart by these. */
export function namesakes({ machines: nodes, etcdMachines }: MachinesView): Prerequisite[] {
  const machines = [...nodes, ...etcdMachines];
  const kinds = [
    ['host name', (machine: Machine) => [machine.value.node]],
    ['product_uuid', (machine: Machine) => [machine.value.productUuid ?? ''].filter(Boolean)],
    ['MAC address', (machine: Machine) => machine.value.macs],
  ] as const;
  return kinds.flatMap(([check, valuesOf]) => {
    const seen = new Map<string, string>();
    return machines.flatMap((machine): Prerequisite[] => {
      return valuesOf(machine).flatMap((value): Prerequisite[] => {
        const other = seen.get(value);
        seen.set(value, other ?? machine.name);
        if (other === undefined || other === machine.name) return [];
        return [
          {
            ...{ node: machine.name, check, warning: false },
            found: `${value}, which ${other} has too`,
            wanted: 'one of its own',
            whatToDo: 'Give each machine its own: machines were copied.',
          },
        ];
      });
    });
  });
}
