import { rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ClusterPlan } from './cluster-plan';
import { startInBackground } from './host-script';
import { networkNamespaceFile } from './network-namespace';
import { awsProxies } from './way-to-aws';

/** As haproxy names them: UP, DOWN, DRAIN, MAINT, no check. One that has left is DOWN, too, as soon as its API server is. */
export interface TargetHealth {
  node: string;
  status: string;
  /** It gets no new connections. */
  hasLeft: boolean;
}

/** srv_admin_state of haproxy's "show servers state": taken out by `state drain` (management guide, SRV_ADMF_FDRAIN). */
const FORCED_DRAIN = 0x08;

/** haproxy's administration socket is a path in the file system: the kernel takes 107 characters. */
const LONGEST_SOCKET_PATH = 107;

/**
 * haproxy in the network namespace of the switch, in front of the API servers: the cluster's stable endpoint. It asks each /readyz every
 * 500 ms. A target can be taken out and put back, as in a target group.
 */
export class LoadBalancer {
  private readonly socket: string;

  constructor(
    private readonly plan: ClusterPlan,
    private readonly folder: string,
  ) {
    this.socket = join(folder, 'haproxy.sock');
    if (this.socket.length > LONGEST_SOCKET_PATH) {
      throw new RangeError(
        `The lab's folder is too deep: ${this.socket} has ${this.socket.length} characters, a socket's path at most ${LONGEST_SOCKET_PATH}. ` +
          'Set KUBEADM_AUTOPILOT_LAB to a shorter one.',
      );
    }
  }

  async start(): Promise<void> {
    const file = join(this.folder, 'haproxy.cfg');
    await rm(this.socket, { force: true });
    await writeFile(file, configuration(this.plan, this.socket) + awsProxies(this.plan, this.folder));
    const inSwitch = ['nsenter', `--net=${networkNamespaceFile(this.plan.name)}`];
    const log = join(this.folder, 'haproxy.log');
    startInBackground([...inSwitch, 'haproxy', '-db', '-f', file], log);
    for (let attempt = 0; attempt < 50; attempt++) {
      if (await this.targets().catch(() => undefined)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`haproxy did not start within 5 s: see ${log}.`);
  }

  async targets(): Promise<TargetHealth[]> {
    const [header = '', ...rows] = (await this.ask('show stat')).replace(/^# /, '').split('\n');
    const names = header.split(',');
    const left = await this.left();
    return rows
      .map((row) => Object.fromEntries(row.split(',').map((value, index) => [names[index], value])))
      .filter(({ pxname, svname }) => pxname === 'api-servers' && svname !== 'BACKEND')
      .map(({ svname, status }) => ({
        node: svname!,
        status: status!,
        hasLeft: left.has(svname!),
      }));
  }

  private async left(): Promise<Set<string>> {
    const [, header = '', ...rows] = (await this.ask('show servers state api-servers')).split('\n');
    const names = header.replace(/^# /, '').split(' ');
    const values = rows.map((row) => Object.fromEntries(row.split(' ').map((value, index) => [names[index], value])));
    return new Set(
      values
        .filter(({ srv_admin_state: state }) => (Number(state) & FORCED_DRAIN) !== 0)
        .map(({ srv_name: node }) => node!),
    );
  }

  /** No new connections to this node from now on; those that there are stay. */
  async deregister(node: string): Promise<void> {
    await this.command(`set server api-servers/${node} state drain`);
  }

  async register(node: string): Promise<void> {
    await this.command(`set server api-servers/${node} state ready`);
  }

  private async command(line: string): Promise<void> {
    const answer = (await this.ask(line)).trim();
    if (answer) throw new Error(`haproxy refused "${line}": ${answer}`);
  }

  private ask(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const connection = connect(this.socket, () => connection.write(`${line}\n`));
      connection.setEncoding('utf8').on('data', (text: string) => (answer += text));
      connection.once('error', reject);
      connection.once('end', () => resolve(answer.trim()));
    });
  }
}

function configuration(plan: ClusterPlan, socket: string): string {
  const servers = plan.nodes
    .filter(({ role }) => role === 'control-plane')
    .map(({ name, privateIp }) => `  server ${name} ${privateIp}:6443`);
  return `global
  maxconn 2000
  stats socket ${socket} mode 600 level admin
defaults
  mode tcp
  timeout connect 1s
  timeout check 10s
  timeout client 1h
  timeout server 1h
frontend api
  bind ${plan.gateway}:6443
  default_backend api-servers
backend api-servers
  option httpchk
  http-check send meth GET uri /readyz
  http-check expect status 200
  default-server check check-ssl verify none inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
${servers.join('\n')}
`;
}
