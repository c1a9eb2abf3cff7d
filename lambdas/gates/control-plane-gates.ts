import type { Gate } from '../contracts/plan';
import { RUNBOOK } from '../contracts/runbook';
import { describeMajority, majorityWithout, viewEtcd, type EtcdView } from '../domain/etcd/majority';
import type { ControlPlane, NoAnswer } from '../domain/nodes/answers';
import { count, listNames, shorten } from '../domain/text/plain-text';
import { passed, refused } from '../domain/plan';

/** A restart is only safe to judge when everybody has been heard: who is silent may be the one that etcd needs. */
export function everyoneAnswers(expected: { name: string }[], noAnswers: NoAnswer[]): Gate {
  const name = 'every control plane answers';
  if (noAnswers.length === 0) return passed(name, `All ${count(expected.length, 'control plane')} answered.`);
  const reasons = noAnswers.slice(0, 3).map(({ message }) => shorten(message, 300));
  const silent = listNames(noAnswers.map(({ name }) => name));
  return refused(
    name,
    `${noAnswers.length} of ${count(expected.length, 'control plane')} did not answer (${silent}): ${reasons.join(' ')}`,
    `Repair or remove ${noAnswers.length === 1 ? 'it' : 'them'} first.`,
  );
}

/**
 * The script of an operation that was stopped, or that ran out of time, goes on after the lock was given back: it would restart its
 * node's static pods while the next operation restarts another's.
 */
export function nobodyIsAtWork(all: ControlPlane[]): Gate {
  const name = 'no control plane is being changed';
  const busy = all.filter(({ value }) => value.renewal.running).map(({ name }) => name);
  if (busy.length === 0) return passed(name, 'No script that changes a control plane is still running.');
  return refused(
    name,
    `A script of an earlier operation is still at work on ${listNames(busy)}, and two control planes must not restart at once.`,
    'Start again when it has ended, within half an hour.',
  );
}

/** The kubelet is what starts static pods again: without it a restart would only stop them. */
export function kubeletRuns(node: ControlPlane): Gate {
  const name = `the kubelet of ${node.name} runs`;
  const { ok, reason } = node.value.health.kubelet;
  if (ok) return passed(name, `The kubelet of ${node.name} runs.`);
  return refused(
    name,
    `The kubelet of ${node.name} does not run (${shorten(reason ?? 'no reason given', 200)}), so its static pods would not come back.`,
    `Start it first, see "${RUNBOOK.expiry}" in the runbook.`,
  );
}

export function diskSpace(node: ControlPlane): Gate {
  const name = `disk space on ${node.name}`;
  const { freeKiB, neededKiB } = node.value.disk;
  if (freeKiB >= neededKiB)
    return passed(name, `${node.name} has ${mebibytes(freeKiB)} free, the backup needs ${mebibytes(neededKiB)}.`);
  return refused(
    name,
    `${node.name} has ${mebibytes(freeKiB)} of disk space free and the backup of /etc/kubernetes needs ${mebibytes(neededKiB)}.`,
    'Free some first.',
  );
}

/** The other API servers have to be ready, unless this one is not: then nothing is taken away. */
export function othersReady(node: ControlPlane, all: ControlPlane[]): Gate {
  const name = `other control planes are ready while ${node.name} restarts`;
  const others = all.filter(({ instanceId }) => instanceId !== node.instanceId);
  if (others.length === 0)
    return passed(name, `${node.name} is the only control plane: the API is away for some seconds while it restarts.`);
  if (!node.value.health.apiServer.ok)
    return passed(name, `The API server of ${node.name} is not ready, so its restart takes nothing away.`);
  const down = others.filter(({ value }) => !value.health.apiServer.ok);
  if (down.length === 0)
    return passed(name, `The API servers of ${listNames(others.map(({ name }) => name))} are ready.`);
  const [first] = down;
  return refused(
    name,
    `${node.name} cannot be restarted, because the API server of ${listNames(down.map(({ name }) => name))} is not ready (${shorten(first?.value.health.apiServer.reason ?? 'no reason given', 200)}) and all others have to be.`,
    'Repair it first.',
  );
}

/** etcd has to keep a majority of its voting members without this one. */
export function etcdKeepsMajority(node: ControlPlane, all: ControlPlane[], view: EtcdView = viewEtcd(all)): Gate {
  const name = `etcd keeps its majority while ${node.name} restarts`;
  if (view.topology === 'external') return passed(name, 'etcd is external: no member restarts with a control plane.');
  const majority = majorityWithout(view, node.name);
  const { voters, needed, healthy } = majority;
  // A member that works and that no entry of the list could be matched to is one of the healthy ones all the same.
  const unplaced = node.value.etcd.healthy && !view.members.some((member) => member.node === node.name);
  const healthyWithout = majority.healthyWithout - (unplaced ? 1 : 0);
  if (all.length === 1 && voters <= 1) {
    return passed(
      name,
      `${node.name} has the only etcd member: etcd and the API are away for some seconds while it restarts.`,
    );
  }
  if (healthyWithout >= needed)
    return passed(
      name,
      `Without ${node.name} ${healthyWithout} of ${voters} voting etcd members are healthy, ${needed} are needed.`,
    );
  const ill = view.members
    .filter((member) => !member.healthy && !member.learner && member.node !== node.name)
    .map((member) => member.node ?? member.name);
  if (voters === 0 || healthy < needed) {
    return refused(
      name,
      `etcd has no majority (${describeMajority(majority)}), so control planes cannot be restarted one by one.`,
      'Repair etcd by hand first, see "GateRefused" in the runbook.',
    );
  }
  if (ill.length === 0) {
    return refused(
      name,
      `${node.name} cannot be restarted, because etcd has only ${count(voters, 'voting member')} and needs ${needed} of them at any time.`,
      'Add a control plane first (3 are enough).',
    );
  }
  return refused(
    name,
    `${node.name} cannot be restarted, because without it ${healthyWithout} of ${voters} voting etcd members would be healthy and ${needed} are needed.`,
    `Repair etcd on ${listNames(ill)} first.`,
  );
}

function mebibytes(kibibytes: number): string {
  return `${Math.floor(kibibytes / 1024)} MiB`;
}
