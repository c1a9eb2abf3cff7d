import { setTimeout as delay } from 'node:timers/promises';
import type { UpOptions } from '../../../local/nodes/lab/lab-cluster';
import type { Ended } from '../../operations/helpers/world';
import { until } from '../../operations/helpers/world';
import { INSTALLED_FROM, INSTALLED_TO } from './kubernetes-version';
import { runNodeScript } from './node-script';
import { OperatedCluster } from './operated-cluster';
import { SPARING } from './sparing';
import { upgradeSettings } from './upgrade-settings';

const TO = INSTALLED_TO.slice(1);
const TRY_AGAIN_MS = 15_000;
const MOST_TRIES = 12;

/** When something of a node step gets SIGKILL: see kill-when.sh. */
export interface Kill {
  node: string;
  step: string;
  /** Extended regular expression that a line of the step's log matches. */
  text: string;
  victim: 'kubeadm' | 'script';
}

/** A real cluster that upgrades are tried on, again and again: to which things happen, and which comes to the next minor in the end. */
export class UpgradedCluster {
  private constructor(readonly lab: OperatedCluster) {}

  static async up(options: UpOptions & { name: string }): Promise<UpgradedCluster> {
    const lab = await OperatedCluster.up({
      ...{ clusterConfiguration: SPARING, kubernetesVersion: INSTALLED_FROM, imagesOf: [INSTALLED_TO] },
      ...options,
    });
    lab.world.targetGroups.push(lab.cluster.targetGroup);
    await upgradeSettings(lab.world, lab.name);
    return new UpgradedCluster(lab);
  }

  async down(): Promise<void> {
    await this.lab.down();
  }

  async upgrade(what: string, input: object = {}): Promise<Ended> {
    const began = Date.now();
    const { world, name } = this.lab;
    const ended = await world.endUnhurried(await world.start('upgrade', { cluster: name, version: TO, ...input }));
    return this.lab.tell(`${what} (${Math.round((Date.now() - began) / 1000)} s)`, ended);
  }

  /** As somebody does who was told to wait: what a kill has left needs a moment until the gates are open again. */
  async upgradeWhenWell(what: string): Promise<Ended> {
    for (let tries = 1; ; tries++) {
      const ended = await this.upgrade(what);
      if (ended.error !== 'GateRefused' || tries === MOST_TRIES) return ended;
      await delay(TRY_AGAIN_MS);
    }
  }

  /** An upgrade in which something is killed. */
  async killed({ node, step, text, victim }: Kill): Promise<Ended> {
    const what = `${victim} killed on ${node} in ${step} at "${text}"`;
    const kill = runNodeScript(this.lab.node(node), 'kill-when', { STEP: step, TEXT: text, VICTIM: victim }, 900);
    const [ended] = await Promise.all([this.upgradeWhenWell(what), kill]);
    return ended;
  }

  /** What every failure has to leave behind: a sentence that names node and step, no lock, no node cordoned or out of the load balancer. */
  async expectFailedWell(ended: Ended, ...words: string[]): Promise<void> {
    expect(ended.status).toBe('FAILED');
    expect(ended.cause).toMatch(/^\S.*[.…]$/);
    for (const word of words) expect(ended.cause).toContain(word);
    await this.lab.lockIsFree();
    expect(await this.cordoned()).toEqual([]);
    expect(await this.lab.world.loadBalancerRecord(this.lab.name)).toBeUndefined();
    expect((await this.lab.cluster.targetGroup.targets()).length).toBe(this.lab.cluster.controlPlanes.length);
  }

  async cordoned(): Promise<string[]> {
    const query = [
      'get',
      'nodes',
      '-o',
      'jsonpath={range .items[?(@.spec.unschedulable==true)]}{.metadata.name} {end}',
    ];
    // What broke may be an API server: one that answers is enough.
    const nodes = await until('an API server answers', () =>
      this.lab.cluster.kubectl(...query).then(
        (names) => ({ names }),
        () => undefined,
      ),
    );
    return nodes.names.trim().split(' ').filter(Boolean);
  }

  /** Versions of the kubelets, in the order of the nodes. */
  async kubelets(): Promise<string[]> {
    const { cluster } = this.lab;
    const said = await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].status.nodeInfo.kubeletVersion}');
    return said.trim().split(' ');
  }

  /** Every node Ready at the new version and taking pods, static pods of the new images, nothing half done left. */
  async expectUpgraded(): Promise<void> {
    const { cluster } = this.lab;
    await cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=120s');
    expect(await this.kubelets()).toEqual(cluster.nodes.map(() => INSTALLED_TO));
    expect(await this.cordoned()).toEqual([]);
    const first = cluster.controlPlanes[0]!;
    const wanted = await first.exec(['kubeadm', 'config', 'images', 'list', '--kubernetes-version', INSTALLED_TO]);
    const images = await cluster.kubectl(
      ...['-n', 'kube-system', 'get', 'pods', '-l', 'tier=control-plane'],
      ...['-o', 'jsonpath={range .items[*]}{.spec.containers[0].image} {end}'],
    );
    for (const image of new Set(images.trim().split(' '))) expect(wanted.stdout.split('\n')).toContain(image);
    // kubelet-unfinished may stay where a kill came after the kubelet was restarted: only waiting was left.
    for (const node of cluster.nodes)
      expect((await node.exec(['ls', '/var/lib/kubeadm-autopilot/upgrade'])).stdout).not.toMatch(
        /(kubeadm|etcd)-unfinished/,
      );
    expect(await this.lab.world.lockHolder(this.lab.name)).toBeUndefined();
  }
}
