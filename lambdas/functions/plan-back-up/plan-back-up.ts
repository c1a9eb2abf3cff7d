import type { BackUpPlan, planBackUpInput } from '../../contracts/back-up';
import { controlPlaneFacts } from '../../contracts/node-steps';
import type { PlanStep } from '../../contracts/plan';
import { byName, parseResults } from '../../domain/nodes/answers';
import { decide, passed, refused } from '../../domain/plan';
import { count, listNames } from '../../domain/text/plain-text';
import { nobodyIsAtWork } from '../../gates/control-plane-gates';
import { chooseEtcdNode } from './choose-etcd-node';
import type * as z from 'zod';

/** Measured in the lab: 7 MB of etcd in seconds. Some hundred MB take a minute. */
const PREDICTED_SECONDS = 60;

/**
 * Which node saves etcd, and which nodes their /etc/kubernetes: those that answer. A cluster that is frozen is backed up all the same, because
 * nothing of it changes.
 */
export function planBackUp({ cluster, config, nodes, facts }: z.output<typeof planBackUpInput>): BackUpPlan {
  const { answers, noAnswers } = parseResults(controlPlaneFacts, facts);
  const etcd = chooseEtcdNode(
    cluster,
    answers,
    nodes.filter(({ role }) => role === 'etcd'),
  );
  const gates = [
    'node' in etcd
      ? passed('etcd can be asked for a snapshot', `${etcd.node.name} gives the snapshot of etcd.`)
      : refused('etcd can be asked for a snapshot', etcd.reason, etcd.whatToDo),
    nobodyIsAtWork(answers),
  ];
  const etcdOn = 'node' in etcd ? etcd.node : undefined;
  const saving = new Map([...answers, ...(etcdOn ? [etcdOn] : [])].map((node) => [node.instanceId, node]));
  const steps = [...saving.values()].sort(byName).map(({ instanceId, name }): PlanStep => ({
    ...{ instanceId, name },
    action: instanceId === etcdOn?.instanceId ? 'save etcd and /etc/kubernetes' : 'save /etc/kubernetes',
    why: instanceId === etcdOn?.instanceId ? 'its member of etcd is healthy' : 'it is a control plane',
    predictedSeconds: PREDICTED_SECONDS,
  }));
  const silent = [
    ...nodes.flatMap(({ role, name, unreachable }) =>
      role === 'control-plane' && unreachable !== undefined ? [name] : [],
    ),
    ...noAnswers.map(({ name }) => name),
  ];
  const without = silent.length
    ? `, without ${listNames([...new Set(silent)].sort())}, which ${silent.length === 1 ? 'does' : 'do'} not answer`
    : '';
  const summary = `etcd of ${cluster} is saved on ${etcdOn?.name} and /etc/kubernetes of ${count(steps.length, 'node')}${without}, for ${count(config.etcdBackup.keepDays, 'day')}.`;
  const wanted = {
    ...({ operation: 'back-up-etcd', kind: 'snapshot' } as const),
    ...{ cluster, summary, steps, gates },
    ...(etcdOn && { etcdOn }),
    predictedSeconds: PREDICTED_SECONDS,
  };
  return decide<BackUpPlan>(wanted, {
    whatIsNotDone: `etcd of ${cluster} is not backed up`,
    nothingToDo: false,
    details: { keepDays: config.etcdBackup.keepDays },
  });
}
