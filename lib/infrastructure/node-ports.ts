import { Port, type IPeer, type ISecurityGroup } from 'aws-cdk-lib/aws-ec2';

/** Ports that the nodes of a cluster need between each other. */
export interface NodePort {
  /** ipip: encapsulated packets, protocol 4; icmp: echo requests. Neither has a port. */
  protocol: 'tcp' | 'udp' | 'ipip' | 'icmp';
  /** Of tcp and udp: 1 to 65535. */
  port?: number;
  /** What it is for. */
  description: string;
}

export type NetworkPlugin = 'flannel' | 'calico' | 'cilium';

/** What the usual network plugins need between nodes, as their documentation has it for the defaults of their manifests. */
export const NETWORK_PLUGIN_PORTS: Record<NetworkPlugin, NodePort[]> = {
  flannel: [{ protocol: 'udp', port: 8472, description: 'flannel VXLAN' }],
  calico: [
    { protocol: 'tcp', port: 179, description: 'Calico BGP' },
    { protocol: 'tcp', port: 5473, description: 'Calico Typha' },
    { protocol: 'udp', port: 4789, description: 'Calico VXLAN' },
    { protocol: 'ipip', description: 'Calico IP in IP' },
  ],
  cilium: [
    { protocol: 'udp', port: 8472, description: 'Cilium VXLAN' },
    { protocol: 'tcp', port: 4240, description: 'Cilium health checks' },
    { protocol: 'icmp', description: 'Cilium health checks' },
  ],
};

/** Port of the API servers, of the load balancer too. */
export const API_PORT = 6443;
const ETCD_PORTS = { from: 2379, to: 2380 };
const KUBELET_PORT = 10250;
const NODE_PORTS = { from: 30000, to: 32767 };

export interface SecurityGroups {
  loadBalancer: ISecurityGroup;
  controlPlane: ISecurityGroup;
  worker: ISecurityGroup;
}

export interface AllowedTraffic {
  networkPlugin: NodePort[];
  apiPeers: IPeer[];
  nodePortPeers: IPeer[];
}

/** Lets in what kubeadm and the network plugin need, and nothing else. docs/infrastructure.md has the table. */
export function allowTraffic(groups: SecurityGroups, { networkPlugin, apiPeers, nodePortPeers }: AllowedTraffic): void {
  const { loadBalancer, controlPlane, worker } = groups;
  const api = Port.tcp(API_PORT);
  for (const peer of [controlPlane, worker, ...apiPeers]) loadBalancer.addIngressRule(peer, api, 'API');
  loadBalancer.addEgressRule(controlPlane, api, 'API servers and their health');
  controlPlane.addIngressRule(loadBalancer, api, 'API by the load balancer');
  // The Service kubernetes leads pods to the API servers themselves.
  for (const node of [controlPlane, worker]) controlPlane.addIngressRule(node, api, 'API by the Service kubernetes');
  controlPlane.addIngressRule(controlPlane, Port.tcpRange(ETCD_PORTS.from, ETCD_PORTS.to), 'etcd');
  for (const to of [controlPlane, worker])
    for (const from of [controlPlane, worker]) {
      // The API servers ask all kubelets, and so does metrics-server, which runs on workers.
      to.addIngressRule(from, Port.tcp(KUBELET_PORT), 'kubelet');
      for (const port of networkPlugin) to.addIngressRule(from, portOf(port), port.description);
    }
  for (const peer of nodePortPeers)
    worker.addIngressRule(peer, Port.tcpRange(NODE_PORTS.from, NODE_PORTS.to), 'node ports');
}

function portOf({ protocol, port }: NodePort): Port {
  switch (protocol) {
    case 'tcp':
      return Port.tcp(port!);
    case 'udp':
      return Port.udp(port!);
    case 'ipip':
      return IP_IN_IP;
    case 'icmp':
      return Port.icmpPing();
  }
}

/** Protocol 4, which the CDK has no name for. */
const IP_IN_IP = new Port({
  protocol: '4' as never,
  fromPort: -1,
  toPort: -1,
  stringRepresentation: 'IP in IP',
});
