import type { Prerequisite } from '../contracts/create';
import type { CreateView, Machine } from '../domain/create/machines';

/** Machines cloned from one another: Kubernetes tells nodes apart by these. */
export function namesakes({ machines: nodes, etcdMachines }: CreateView): Prerequisite[] {
  const kinds = [
    ['host name', (machine: Machine) => [machine.value.node]],
    ['product_uuid', (machine: Machine) => [machine.value.productUuid ?? ''].filter(Boolean)],
    ['MAC address', (machine: Machine) => machine.value.macs],
  ] as const;
  const machines = [...nodes, ...etcdMachines];
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
