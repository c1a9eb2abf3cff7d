import { renderPlan } from '../../../../lambdas/functions/plan-upgrade/render-plan';
import { controlPlane, machine, plan, shared, upgradeCluster } from '../../helpers/upgrade-samples';

test('a plan as a person reads it', () => {
  const cluster = upgradeCluster(3, 4);
  cluster.upgrade = { maxUnavailable: 2, exceptions: ['cgroup-v1'] };
  machine(cluster, 'worker-2').cgroup = 'v1';
  shared(cluster).kubeletConfig.failCgroupV1 = false;
  controlPlane(cluster, 'cp-2').etcd.version = '3.6.8';
  shared(cluster).budgets.push({ name: 'shop/web', allowed: 1, pods: { 'worker-1': 2 } });
  const { digest, ...planned } = plan(cluster);
  expect(renderPlan({ ...planned, digest: digest.slice(0, 8).replace(/./g, 'x') })).toMatchInlineSnapshot(`
   "demo: 1.36.3 → 1.37.2
   demo will be upgraded to 1.37.2: 3 control planes, one at a time, then 4 workers.

   Saved first
   etcd on cp-2, /etc/kubernetes of cp-1, cp-2 and cp-3

   To 1.37.2
   #  node      steps                                            note
   1  cp-2      etcd to 3.6.12-0
   2  cp-2      kubeadm upgrade apply, drain, kubelet, uncordon  ignores SystemVerification
   3  cp-3      kubeadm upgrade node, drain, kubelet, uncordon
   4  cp-1      kubeadm upgrade node, drain, kubelet, uncordon
   5  worker-1  kubeadm upgrade node, drain, kubelet, uncordon   workers: canary
   6  worker-2  kubeadm upgrade node, drain, kubelet, uncordon   workers
   6  worker-3  kubeadm upgrade node, drain, kubelet, uncordon   workers
   7  worker-4  kubeadm upgrade node, drain, kubelet, uncordon   workers

   Gates
   warning  etcd-version  etcd is raised first: to 3.6.12-0 on cp-2 before 1.37.2.
   warning  cgroup-v1     worker-2 has cgroup v1, which Kubernetes does not support from 1.35 on. The cluster's settings except this.
   47 gates are open.

   Drains
   10 pods will move.
   shop/web allows 1 at a time, and 2 of its pods run on worker-1: they go one after the other.

   Found
   etcd 3.6.8
   CoreDNS v1.14.2
   kube-proxy 1.36.3
   cilium 1.18.1

   About 40 minutes; up to 851 state transitions ($0.02) unless something takes longer.

   Digest xxxxxxxx
   "
  `);
});

test('a plan that is refused has no turns, and says what to do', () => {
  const cluster = upgradeCluster(1, 1);
  machine(cluster, 'worker-1').endpoint = { ok: false, reason: 'timed out' };
  const text = renderPlan(plan(cluster));
  expect(text).toContain('NO       endpoint');
  expect(text).toContain('Check its name, the load balancer and the security groups.');
  expect(text).not.toContain('To 1.37.2');
});

test('of a large group the first are shown and the rest is counted', () => {
  const text = renderPlan(plan(upgradeCluster(1, 200)));
  expect(text).toContain('180 more');
  expect(text.split('\n').length).toBeLessThan(60);
});

test('a control plane whose certificates kubeadm leaves alone has the renewal by name in its turn', () => {
  const cluster = upgradeCluster(1, 1);
  controlPlane(cluster, 'cp-1').certificates.push({ name: 'apiserver', foreign: true });
  expect(renderPlan(plan(cluster))).toMatch(
    /cp-1 +renew certificates by name, kubeadm upgrade apply, drain, kubelet, uncordon/,
  );
});
