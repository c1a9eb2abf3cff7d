import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { NodeStepName } from '../../lib/node-access/node-steps';
import { nodeStepScript } from '../../lib/node-access/node-step-script';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { LabNode } from '../../local/nodes/lab/lab-node';
import { resultOf } from '../helpers/secret-reader';
import { World } from '../operations/helpers/world';
import { KUBERNETES } from './helpers/kubernetes-version';

const BINDINGS = ['kubeadm:kubelet-bootstrap', 'kubeadm:node-autoapprove-bootstrap'];
const SECRET = '/kubeadm-autopilot/secrets/rejoin/test';

/** What a kubelet without a client certificate says when it does not get one either, on real nodes. */
describe('a kubelet that gets no certificate tells why, in words that rejoin-kubelet knows', () => {
  let cluster: LabCluster;
  let world: World;
  const worker = () => cluster.node('worker-1');

  beforeAll(async () => {
    cluster = await LabCluster.up({ ...KUBERNETES, name: 'rejoin', controlPlanes: 1, workers: 1 });
    world = await World.start();
    world.nodes.push(...cluster.nodes);
    const Value = 'k8sfix.0123456789abcdef';
    await world.ssm.send(new PutParameterCommand({ Name: SECRET, Value, Type: 'SecureString' }));
    await worker().exec(['systemctl', 'stop', 'kubelet']);
    await worker().exec(['rm', '/var/lib/kubelet/pki/kubelet-client-current.pem']);
  });

  afterAll(async () => {
    await world?.stop();
    await cluster?.down();
  });

  /** The step's result, or its message where it failed. */
  async function run(node: LabNode, step: NodeStepName, env: Record<string, string>): Promise<Record<string, string>> {
    const { stdout } = await node.run({
      script: nodeStepScript(step),
      env: {
        ...(await world.aws.environmentOf(node)),
        ...{ AWS_SSM_REGION_NAME: 'eu-central-1', NODE_STEP_PATIENCE: '20', SSM_Secret: SECRET },
        ...env,
      },
      timeLimitSeconds: 300,
    });
    return resultOf(stdout);
  }
  const rejoin = () => run(worker(), 'rejoin-kubelet', { SSM_Wait: 'yes' });

  test('a token that nobody made', async () => {
    expect((await rejoin())['message']).toMatch(/the API server refuses the bootstrap token: .*Unauthorized/);
  });

  test('a token that may not ask, then a request that nobody approves', async () => {
    await run(cluster.node('cp-1'), 'bootstrap-token', { SSM_Action: 'create' });
    const bindings = await cluster.kubectl('get', 'clusterrolebindings', ...BINDINGS, '-o', 'json');
    await cluster.kubectl('delete', 'clusterrolebindings', ...BINDINGS);
    expect((await rejoin())['message']).toMatch(/does not let the token ask for certificates: .*orbidden/);
    const [mayAsk, approval] = (JSON.parse(bindings) as { items: unknown[] }).items.map((binding) =>
      JSON.stringify(binding),
    );
    const restore = async (binding: string): Promise<void> => {
      await cluster.node('cp-1').writeFile('/run/binding.json', binding, 0o600);
      await cluster.kubectl('create', '-f', '/run/binding.json');
    };
    await restore(mayAsk!);
    expect((await rejoin())['message']).toMatch(/nobody signed what it asked for/);
    await restore(approval!);
    expect(await rejoin()).toMatchObject({ changed: true, kubelet: 'active' });
    await cluster.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
  });
});
