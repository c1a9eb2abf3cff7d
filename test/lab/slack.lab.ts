import { runCli } from '../../cli/program';
import type { ApiClient } from '../../cli/api/client';
import type { OperationReport } from '../../lambdas/contracts/operation-report';
import { CHAT_RIGHTS } from '../../lambdas/contracts/chat/rights';
import { hasCgroupV1 } from '../../local/nodes/lab/check-host';
import { LabCluster } from '../../local/nodes/lab/lab-cluster';
import type { Message } from '../../local/slack/workspace';
import { ChatWorld, OPS } from '../chat/chat-world';
import { recorded } from '../chat/recorded';
import { apiOf } from '../helpers/api';
import { addRoles, as, wantApproval } from '../operations/helpers/approvals';
import { until } from '../operations/helpers/world';
import { INSTALLED_FROM, INSTALLED_TO } from './helpers/kubernetes-version';
import { SPARING } from './helpers/sparing';

const CLUSTER = 'slack';
const TYPED = 'slack-typed';
const [FROM, TO] = [INSTALLED_FROM.slice(1), INSTALLED_TO.slice(1)];
const UPGRADE = { exceptions: hasCgroupV1() ? ['cgroup-v1'] : [] };
const PATIENCE_SECONDS = 900;

/**
 * Two clusters of a control plane and a worker, each to the next minor: one by a conversation in Slack, one from the command line, with the approval of
 * somebody else. On the way what must be refused: forged and repeated deliveries, a plan that has changed, people without the right.
 */
describe('upgrades of real nodes that people ask for and approve', () => {
  let cluster: LabCluster;
  let typed: LabCluster;
  let chat: ChatWorld;
  let first: { plan: Message; digest: string };
  let upgrade: { id: string; message: Message; report: OperationReport };

  beforeAll(async () => {
    const options = {
      ...{ controlPlanes: 1, workers: 1, kubernetesVersion: INSTALLED_FROM },
      ...{ imagesOf: [INSTALLED_TO], clusterConfiguration: SPARING },
    };
    cluster = await LabCluster.up({ ...options, name: CLUSTER });
    typed = await LabCluster.up({ ...options, name: TYPED });
    chat = await ChatWorld.start('real', addRoles);
    for (const { nodes, targetGroup } of [cluster, typed]) {
      chat.world.nodes.push(...nodes);
      chat.world.targetGroups.push(targetGroup);
    }
    const names = ['ada', 'bob', 'cyd'];
    await chat.settings(CLUSTER, {
      upgrade: UPGRADE,
      people: names.map((name) => ({ name, slack: [`T0AUTOPILOT/U0${name.toUpperCase()}`] })),
      approval: { operations: ['upgrade'], approvers: ['ada', 'bob'] },
      chat: {
        rights: [
          { allow: [...CHAT_RIGHTS], users: ['U0ADA', 'U0BOB', 'U0CYD'], channels: [OPS] },
          { allow: ['look', 'plan'], channels: [OPS] },
        ],
      },
    });
    await wantApproval(chat.world, TYPED, {}, { upgrade: UPGRADE });
  });

  afterAll(async () => {
    await chat?.stop();
    await typed?.down();
    await cluster?.down();
  });

  /** The command line of a role, with what it printed; whoever is asked says yes. */
  async function autopilot(api: ApiClient, ...line: string[]) {
    const said: string[] = [];
    const tell = (text: string) => void said.push(text);
    const code = await runCli(
      {
        ...{ out: tell, note: tell, colors: false, connect: async () => api, now: () => new Date() },
        pause: () => new Promise((resolve) => setTimeout(resolve, 1000)),
        ask: async () => true,
      },
      line,
    );
    return { code, said: said.join('\n') };
  }
  const type = (user: string, text: string) => chat.whispered(() => chat.person(user).type(OPS, text));
  const click = (user: string, message: Message, button: string) =>
    chat.whispered(() => chat.person(user).click(message, button));
  const idIn = ({ blocks }: Message) => /upgrade-slack-[0-9a-f]{20}/.exec(JSON.stringify(blocks))![0];
  const digestIn = ({ blocks }: Message) => /plan `([0-9a-f]{12})`/.exec(JSON.stringify(blocks))![1]!;
  const waits = (message: Message) => message.text.includes(`*${CLUSTER}* waits for approval`);
  const versionsOf = (of: LabCluster) =>
    of.kubectl('get', 'nodes', '-o', 'jsonpath={range .items[*]}{.status.nodeInfo.kubeletVersion} {end}');
  /** What the functions log while something is done. */
  async function logged(act: () => Promise<unknown>): Promise<string[]> {
    const since = chat.world.logs.length;
    await act();
    return chat.world.logs.slice(since);
  }

  test('the plan in Slack and the one on the command line are one plan', async () => {
    await chat.person('U0ADA').type(OPS, `plan upgrade ${CLUSTER} ${TO}`);
    const plan = await chat.message('the plan', ({ blocks }) => blocks.some(({ type: kind }) => kind === 'actions'));
    first = { plan, digest: digestIn(plan) };
    expect(plan.text).toMatch(/cp-1.*\n.*worker-1/);
    const { code, said } = await autopilot(await apiOf(chat.world), 'plan', 'upgrade', CLUSTER, TO, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(said).output.plan.digest.slice(0, 12)).toBe(first.digest);
  });

  test('a forged delivery, a late one and one that comes again are refused and kept in the log', async () => {
    const command = `upgrade ${CLUSTER} ${TO} --yes`;
    const again = await recorded(() => chat.person('U0BOB').type(OPS, `status ${CLUSTER}`));
    expect((await again()).status).toBe(200);
    for (const [send, status, message, reason] of [
      [
        () => chat.person('U0ADA').type(OPS, command, { secret: 'guessed' }),
        ...([401, 'The signature or its time is not valid.', 'does not match'] as const),
      ],
      [
        () => chat.person('U0ADA').type(OPS, command, { at: -301 }),
        ...([401, 'The signature or its time is not valid.', 'in the past'] as const),
      ],
      [again, 409, 'This delivery has come before.', 'has come before'],
    ] as const) {
      const log = await logged(async () => {
        const answer = await send();
        expect([answer.status, ((await answer.json()) as { message: string }).message]).toEqual([status, message]);
      });
      expect(log).toContainEqual(expect.stringMatching(new RegExp(`Delivery refused.*${reason}`)));
    }
    expect(chat.world.runningOf('upgrade')).toEqual([]);
  });

  test('a cluster that changes while its plan waits: what was approved is not done', async () => {
    await chat.person('U0ADA').click(first.plan, 'start');
    const message = await chat.message('the question', waits);
    const edit = 's/certificateValidityPeriod: .*/certificateValidityPeriod: 9000h0m0s/';
    await cluster
      .node('cp-1')
      .exec([
        ...['bash', '-c'],
        `export KUBECONFIG=/etc/kubernetes/admin.conf; kubectl -n kube-system get configmap kubeadm-config -o yaml | sed '${edit}' | kubectl replace -f -`,
      ]);
    const clicked = await click('U0BOB', message, 'approve');
    expect(clicked).toContain('is approved');
    const end = await chat.message('the end', ({ thread }) => thread === message.ts);
    expect(end.text).toContain('has changed since approval was asked for');
    expect(await versionsOf(cluster)).toBe(`v${FROM} v${FROM} `);
  });

  test('who may not approve is refused with a sentence, and kept in the log; so is a plan of before', async () => {
    await chat.person('U0ADA').type(OPS, `upgrade ${CLUSTER} ${TO} --yes`);
    const message = await chat.message('the question', waits);
    const id = idIn(message);
    for (const [refuse, sentence] of [
      [() => type('U0BOB', `approve ${id} ${first.digest}`), /waits for the approval of another plan/],
      [() => click('U0ADA', message, 'approve'), /^ada asked for upgrade of slack, and cannot approve it/],
      [() => click('U0CYD', message, 'approve'), /^cyd may not decide on upgrade of slack/],
      [() => click('U0EVE', message, 'approve'), /^You may not do this here \(approve upgrade\)/],
    ] as const) {
      let said = '';
      const log = await logged(async () => (said = await refuse()));
      expect(said).toMatch(sentence);
      expect(log).toContainEqual(expect.stringMatching(/"message":"Refused".*"caller"/));
    }
    upgrade = { id, message } as typeof upgrade;
  });

  test('Approve by somebody else: the cluster is upgraded, and its message and report tell it', async () => {
    const { id, message } = upgrade;
    expect(await click('U0BOB', message, 'approve')).toContain('is approved');
    const end = await chat.message('the end', ({ thread }) => thread === message.ts, PATIENCE_SECONDS);
    console.log(end.text);
    expect(end.text).toMatch(/^:white_check_mark: \*upgrade\* of \*slack\* is done, after /);
    expect(message.blocks.find(({ type: kind }) => kind === 'plan')).toMatchObject({
      tasks: ['cp-1', 'worker-1'].map((title) => expect.objectContaining({ title, status: 'complete' })),
    });
    expect(message.edits).toBeGreaterThan(5);
    expect(await versionsOf(cluster)).toBe(`v${TO} v${TO} `);

    const api = await apiOf(chat.world);
    const kept = await api.call('reportOperation', { parameters: { id } });
    console.log(JSON.stringify({ changes: kept.changes, cost: kept.cost }, null, 1));
    expect(kept).toMatchObject({
      requester: { source: 'slack', who: 'slack:T0AUTOPILOT/U0ADA' },
      approval: { requester: { person: 'ada' }, approvers: [{ person: 'bob', who: 'slack:T0AUTOPILOT/U0BOB' }] },
      cost: { complete: true },
    });
    await provesChanges(kept, cluster);
  });

  test('the same from the command line: asked for by one person, approved by another', async () => {
    const [alice, bob] = [await as(chat.world, 'Alice'), await as(chat.world, 'Bob')];
    const done = autopilot(alice, 'upgrade', TYPED, TO);
    const id = await until('it waits', async () => {
      const { operations } = await bob.call('listOperations', { query: { cluster: TYPED, status: 'RUNNING' } });
      const [one] = operations.filter(({ planOnly }) => !planOnly);
      return one && (await bob.call('describeOperation', { parameters: { id: one.id } })).approval && one.id;
    });
    const log = await logged(async () =>
      expect(await autopilot(alice, 'approve', id)).toMatchObject({
        code: 4,
        said: expect.stringContaining('alice asked for upgrade of slack-typed, and cannot approve it.'),
      }),
    );
    expect(log).toContainEqual(expect.stringMatching(/"message":"Request refused".*OwnRequest/));
    expect((await autopilot(bob, 'approve', id)).said).toContain(`${id} is approved.`);
    expect(await done).toMatchObject({ code: 0, said: expect.stringMatching(/cp-1.*\n[^]*succeeded/) });
    expect(await versionsOf(typed)).toBe(`v${TO} v${TO} `);
    const report = await autopilot(alice, 'report', id);
    console.log(report.said);
    expect(report.said).toMatch(new RegExp(`^worker-1 +kubelet \\(upgraded\\) +${FROM} +${TO}$`, 'm'));
    expect(report.said).toContain('Approved by bob (assumed-role/Bob/laptop)');
    const { said } = await autopilot(alice, 'report', id, '--json');
    await provesChanges(JSON.parse(said), typed);
    expect((await autopilot(alice, 'plan', 'upgrade', TYPED, TO)).said).toContain('there is nothing to do');
  });

  /** What a report says of versions and serials is what openssl and the kubelets say. */
  async function provesChanges({ changes }: OperationReport, of: LabCluster): Promise<void> {
    for (const node of ['cp-1', 'worker-1'])
      expect(changes).toContainEqual({ node, what: 'kubelet (upgraded)', before: FROM, after: TO });
    const found = (what: string) => changes.find((one) => one.node === 'cp-1' && one.what === what)!;
    expect(found('kube-apiserver')).toMatchObject({ before: FROM, after: TO });
    const { stdout } = await of
      .node('cp-1')
      .exec(['openssl', 'x509', '-noout', '-serial', '-in', '/etc/kubernetes/pki/apiserver.crt']);
    const serial = stdout.trim().replace('serial=', '');
    expect(found('apiserver').after).toMatch(new RegExp(`^${serial}, until `));
    expect(found('apiserver').before).toMatch(/^[0-9A-F]{8,}, until /);
    expect(found('apiserver').before).not.toContain(serial);
  }
});
