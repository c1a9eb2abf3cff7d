import type { Prerequisite } from '../contracts/create';
import { isJoined, type MachinesView } from '../domain/create/machines';
import { listNames } from '../domain/text/plain-text';

// Rows of the table of prerequisites that are about the network between machines.

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

/** With more than 1, pods get the credentials of their node's role. */
export function metadataHopLimits({ machines }: MachinesView): Prerequisite[] {
  return machines
    .filter((machine) => !isJoined(machine))
    .flatMap(({ name, metadataHopLimit = 1 }): Prerequisite[] =>
      metadataHopLimit === 1
        ? []
        : [
            {
              ...{ node: name, check: 'metadata hop limit', found: String(metadataHopLimit), warning: true },
              wanted: '1, so that no pod gets the role of its node',
              whatToDo:
                'aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 1, unless pods need it.',
            },
          ],
    );
}
