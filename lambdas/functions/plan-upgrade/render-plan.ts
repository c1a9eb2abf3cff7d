import type { Gate } from '../../contracts/plan';
import type { Hop, UpgradePlan, UpgradeTurn } from '../../contracts/upgrade';
import { columns } from '../../domain/text/columns';
import { count, listNames } from '../../domain/text/plain-text';

/** Rows of a table that are shown of one group; the rest is counted. */
const MOST_ROWS = 20;

/** A plan as a person reads it, in a terminal, a mail or a chat: what is done where, what the gates say, what it takes. Ends with a line feed. */
export function renderPlan(plan: UpgradePlan): string {
  const parts = [
    [`${plan.cluster}: ${plan.from} → ${plan.target}`, plan.summary],
    ...(plan.snapshot
      ? [
          [
            'Saved first',
            `etcd on ${plan.snapshot.etcdOn.name}, /etc/kubernetes of ${listNames(plan.snapshot.nodes.map(({ name }) => name))}`,
          ],
        ]
      : []),
    ...plan.hops.map((hop) => [`To ${hop.version}`, ...columns([HEAD, ...rowsOf(hop)])]),
    ['Gates', ...gateLines(plan.gates)],
    ['Drains', ...drainLines(plan)],
    ['Found', ...plan.versions.map(({ name, version }) => `${name} ${version}`)],
    plan.skipped.length > 0
      ? ['Left as they are', ...plan.skipped.map(({ name, reason }) => `${name}: ${reason}`)]
      : [],
    plan.decision === 'act' ? [cost(plan)] : [],
    [`Digest ${plan.digest}`],
  ];
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`;
}

const HEAD = ['#', 'node', 'steps', 'note'];

/** A row for each turn, in order; workers that go together have one number. */
function rowsOf({ raiseEtcd, controlPlanes, workers, kubeadm, version }: Hop): string[][] {
  let number = 0;
  const raised = (raiseEtcd?.nodes ?? []).map(({ name }) => [
    String(++number),
    name,
    `etcd to ${raiseEtcd?.imageTag}`,
    '',
  ]);
  const renewal = kubeadm.renewCertificates === 'no' ? 'renew certificates by name, ' : '';
  const turns = controlPlanes.map((turn) => [
    String(++number),
    turn.name,
    stepsOf(turn, `${renewal}kubeadm upgrade ${turn.command}`),
    turn.command === 'apply' && kubeadm.ignoreErrors !== 'none' ? `ignores ${kubeadm.ignoreErrors}` : '',
  ]);
  const groups = workers.flatMap(({ group, maxUnavailable, nodes }) => {
    const rows = nodes.slice(0, MOST_ROWS).map((turn, index) => {
      if (index <= 1 || (index - 1) % maxUnavailable === 0) number++;
      return [
        String(number),
        turn.name,
        stepsOf(turn, 'kubeadm upgrade node'),
        index === 0 ? `${group}: canary` : group,
      ];
    });
    const rest = nodes.length - rows.length;
    return rest > 0 ? [...rows, ['…', `${rest} more`, `to ${version}`, `${group}: ${maxUnavailable} at a time`]] : rows;
  });
  return [...raised, ...turns, ...groups];
}

function stepsOf({ done }: UpgradeTurn, kubeadm: string): string {
  const steps = done === 'nothing' ? [kubeadm, 'drain', 'kubelet', 'uncordon'] : ['drain', 'kubelet', 'uncordon'];
  return (done === 'kubelet' ? ['uncordon'] : steps).join(', ');
}

/** Those that say no, then warnings; the others are counted. */
function gateLines(gates: Gate[]): string[] {
  const rows = [
    ...gates.flatMap((gate) => (gate.passed ? [] : [['NO', gate.name, `${gate.reason} ${gate.whatToDo}`]])),
    ...gates.flatMap((gate) => (gate.passed && gate.warning ? [['warning', gate.name, gate.reason]] : [])),
  ];
  const open = gates.length - rows.length;
  return [...columns(rows), `${count(open, 'gate')} ${open === 1 ? 'is' : 'are'} open.`];
}

function drainLines({ forecast }: UpgradePlan): string[] {
  return [
    `${count(forecast.pods, 'pod')} will move.`,
    ...forecast.tight.map(({ budget, allowed, node, most }) =>
      allowed <= 0
        ? `${budget} allows no eviction now, and ${most} of its pods run on ${node}.`
        : `${budget} allows ${allowed} at a time, and ${most} of its pods run on ${node}: they go one after the other.`,
    ),
    ...(forecast.unmanaged.length > 0 ? [`Without a controller: ${listNames(forecast.unmanaged, 5)}.`] : []),
    ...(forecast.refused.length > 0 ? [`Refused: ${listNames(forecast.refused, 5)}.`] : []),
  ];
}

function cost({ predictedSeconds, transitions, dollars }: UpgradePlan): string {
  const minutes = Math.ceil(predictedSeconds / 60);
  return `About ${count(minutes, 'minute')}; up to ${transitions} state transitions ($${dollars.toFixed(2)}) unless something takes longer.`;
}
