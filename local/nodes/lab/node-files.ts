import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ClusterPlan, NodePlan } from './cluster-plan';
import { PACKAGE_HOSTS } from './package-repository';

/** Puts what makes a node this node onto its disk, before it is switched on the first time. */
export async function writeNodeFiles(plan: ClusterPlan, node: NodePlan, disk: string): Promise<void> {
  const files: Record<string, string> = {
    product_uuid: `${node.productUuid}\n`,
    'upper/etc/hostname': `${node.name}\n`,
    'upper/etc/machine-id': `${node.machineId}\n`,
    'upper/etc/hosts': hosts(plan),
    // Not 127.0.0.1: CoreDNS forwards to what the node asks, and would ask itself. Nobody answers here.
    'upper/etc/resolv.conf': `nameserver ${plan.gateway}\n`,
    'upper/etc/cni/net.d/10-lab.conflist': `${JSON.stringify(cni(node), undefined, 2)}\n`,
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(disk, path)), { recursive: true });
    await writeFile(join(disk, path), content);
  }
}

function hosts(plan: ClusterPlan): string {
  const [endpointHost] = plan.endpoint.split(':');
  const lines = [
    '127.0.0.1 localhost',
    '::1 localhost ip6-localhost ip6-loopback',
    `${plan.gateway} ${endpointHost}`,
    `${plan.gateway} ${PACKAGE_HOSTS.join(' ')}`,
    ...plan.nodes.map(({ privateIp, name }) => `${privateIp} ${name}`),
  ];
  return `${lines.join('\n')}\n`;
}

function cni({ podNetwork }: NodePlan) {
  return {
    cniVersion: '0.4.0',
    name: 'lab',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: podNetwork }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
