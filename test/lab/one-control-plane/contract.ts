import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabCluster } from '../../../local/nodes/lab/lab-cluster';
import type { Node, ScriptOutcome } from '../../../local/nodes/node';
import { SimulatedCluster } from '../../../local/nodes/simulated';
import * as calls from '../helpers/contract-calls';
import type { Row } from '../helpers/contract-calls';
import { read } from '../helpers/contract-compare';

/** Each stand-in of a simulated node and the tool that it stands for, asked the same on two clusters of the same shape. */
export const contract = (real: () => LabCluster): void =>
  describe('a simulated node answers as a real one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'contract-'));
    let simulated: SimulatedCluster;

    beforeAll(async () => {
      const { kubernetesVersion } = real().plan;
      simulated = await SimulatedCluster.create({ folder, controlPlanes: 1, kubernetesVersion });
      await simulated.start();
      await allIsWell();
    });
    afterAll(async () => {
      await simulated?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const run = (node: Node, text: string): Promise<ScriptOutcome> =>
      node.run({ script: `${calls.PRELUDE}${text}\n`, env: {}, timeLimitSeconds: 120 });
    const onBoth = (text: string): Promise<ScriptOutcome[]> =>
      Promise.all([run(real().node('cp-1'), text), run(simulated.node('cp-1'), text)]);

    async function doOnBoth(text: string): Promise<void> {
      for (const { exitCode, stdout, stderr } of await onBoth(text)) {
        if (exitCode !== 0) throw new Error(`"${text}" ended with ${exitCode}: ${stdout}${stderr}`);
      }
    }

    const allIsWell = (): Promise<void> =>
      doOnBoth(
        'for check in 6443/readyz 10257/healthz 10259/healthz; do until [ "$(curl -sk --max-time 2 "https://127.0.0.1:$check")" = ok ]; do sleep 0.2; done; done',
      );

    const sameAnswers = (rows: Row[]): void =>
      test.each(rows)('%s (%s)', async (call, reading) => {
        const [real, standIn] = (await onBoth(call)) as [ScriptOutcome, ScriptOutcome];
        expect(read(reading, standIn, standIn)).toEqual(read(reading, real, standIn));
      });

    describe('that is well', () => sameAnswers(calls.HEALTHY));

    describe('whose client certificate has expired', () => {
      beforeAll(async () => {
        const config = '$R/var/lib/expired.yaml';
        await doOnBoth(`kubectl -n kube-system get configmap kubeadm-config -o 'jsonpath={.data.ClusterConfiguration}' |
        sed 's/^certificateValidityPeriod: .*/certificateValidityPeriod: -1h/' >${config}
        kubeadm certs renew admin.conf --config ${config}`);
      });
      sameAnswers(calls.CLIENT_CERTIFICATE_EXPIRED);
      afterAll(() => doOnBoth('kubectl get nodes'));
    });

    describe('whose pod is removed', () => {
      test('the kubelet makes a new one, with another id, beside which there is none', async () => {
        const restart = `old=$(container kube-scheduler)
        crictl rm -f "$old" | sed 's/[0-9a-f]\\{12,\\}//'
        crictl rmp -f "$(sandbox kube-scheduler)" | sed 's/ [0-9a-f]*$//'
        until new=$(container kube-scheduler); [ -n "$new" ] && [ "$new" != "$old" ]; do sleep 0.2; done
        sandbox kube-scheduler | wc -l | tr -d ' '
        crictl inspect "$old" >/dev/null 2>&1 || echo gone`;
        const [real, standIn] = (await onBoth(restart)) as [ScriptOutcome, ScriptOutcome];
        expect(read('text', standIn, standIn)).toEqual(read('text', real, standIn));
      });
    });

    describe('whose kubelet is stopped', () => {
      beforeAll(() => doOnBoth('systemctl stop kubelet'));
      sameAnswers(calls.KUBELET_STOPPED);
    });

    describe('whose etcd is stopped', () => {
      // The real API server remembers for a moment that etcd was well.
      beforeAll(() =>
        doOnBoth(`crictl stop "$(container etcd)"
        until curl -sk --max-time 5 'https://127.0.0.1:6443/readyz?verbose' | grep -q '^\\[-]etcd '; do sleep 0.2; done`),
      );
      sameAnswers(calls.ETCD_STOPPED);
    });

    describe('whose API server is stopped', () => {
      beforeAll(() => doOnBoth('crictl stop "$(container kube-apiserver)"'));
      sameAnswers(calls.API_SERVER_STOPPED);
    });

    describe('whose containerd is stopped', () => {
      beforeAll(() => doOnBoth('systemctl stop containerd'));
      sameAnswers(calls.CONTAINERD_STOPPED);
    });

    test('everything comes back', async () => {
      await doOnBoth('systemctl start containerd && systemctl start kubelet && systemctl is-active kubelet');
      await allIsWell();
    });
  });
