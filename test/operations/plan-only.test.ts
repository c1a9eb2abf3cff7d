import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { DAY, World } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterAll(() => world?.stop());

const YEARS_99 = 36_135 * DAY;
/** What other tools made for 99 years. */
const LASTING = ['apiserver', 'etcd-peer'];
const serialsOf = (cluster: ScriptedCluster) => cluster.controlPlanes.map(({ serials }) => serials);
const day = (time: number) => new Date(time).toISOString().slice(0, 10);

test.each([false, true])(
  'planOnly, force %s: which certificates are renewed until when, and which are left alone and why',
  async (force) => {
    const name = `planned-${force}`;
    const cluster = world.scriptedCluster(name, {
      controlPlanes: 3,
      validity: (_node, certificate) => (LASTING.includes(certificate) ? { notAfter: YEARS_99 } : undefined),
    });
    const had = serialsOf(cluster);
    const began = Date.now();
    const since = world.calls.length;
    const { output } = await world.runWell('renew-certificates', { cluster: name, planOnly: true, force });
    // A function has the machine's time.
    const inAYear = [began, Date.now()].map((time) => day(time + 365 * DAY * 1000));
    const kubelets = ['kubelet-client', 'kubelet-serving'].map((certificate) => ({
      name: certificate,
      reason: 'kubeadm does not renew it',
    }));
    for (const { name: node, certificates } of output.plan.steps) {
      expect(inAYear).toContain(certificates.until);
      const lasting = LASTING.map((certificate) => ({
        name: certificate,
        reason: `it ends on ${day(cluster.node(node).certificates.get(certificate)!.notAfter.getTime())}, a new one would on ${certificates.until}`,
      }));
      expect(certificates.leftAlone).toEqual([...(force ? [] : lasting), ...kubelets]);
      expect(certificates.renewed).toEqual(expect.arrayContaining(['admin.conf', 'etcd-server', 'scheduler.conf']));
      expect(certificates.renewed.filter((renewed: string) => LASTING.includes(renewed))).toEqual(force ? LASTING : []);
    }
    expect(output.plan.steps).toHaveLength(3);
    expect(world.sent(since)).toEqual(['inspect-control-plane to cp-1, cp-2, cp-3']);
    expect(serialsOf(cluster)).toEqual(had);
  },
);
