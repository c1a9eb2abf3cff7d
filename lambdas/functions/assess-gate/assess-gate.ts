import type { AssessGateInput, GatePurpose, OpenGates } from '../../contracts/renewal';
import { controlPlaneFacts } from '../../contracts/node-steps';
import type { Gate } from '../../contracts/plan';
import {
  diskSpace,
  etcdKeepsMajority,
  everyoneAnswers,
  kubeletRuns,
  nobodyIsAtWork,
  othersReady,
} from '../../gates/control-plane-gates';
import { viewEtcd, type EtcdView, type Member } from '../../domain/etcd/majority';
import { describeRefusals, refusals } from '../../domain/plan';
import { etcdCanSpare, othersServe } from '../../gates/removal-control-plane-gates';
import { parseResults, type ControlPlane, type NoAnswer } from '../../domain/nodes/answers';
import { UserError } from '../../runtime/user-error';

const restart = (self: ControlPlane, all: ControlPlane[]): Gate[] => [
  kubeletRuns(self),
  etcdKeepsMajority(self, all),
  othersReady(self, all),
  diskSpace(self),
];

/** What a control plane has to pass, beside what every change wants: that all control planes answer and none is being changed. */
const GATES: Record<GatePurpose, (self: ControlPlane, all: ControlPlane[]) => Gate[]> = {
  'restart-static-pods': restart,
  // An upgrade replaces them one by one and restarts them; what else it needs of the cluster its plan has judged.
  'upgrade-control-plane': restart,
  'remove-control-plane': (self, all) => {
    const staying = all.filter((one) => one !== self);
    const etcd = viewEtcd(all);
    return [
      othersServe(
        self.name,
        staying.map(({ name, value }) => ({ name, ...value.health.apiServer })),
      ),
      etcdCanSpare(memberOf(self, etcd), etcd),
    ];
  },
};

function memberOf({ name }: ControlPlane, { members }: EtcdView): Member | undefined {
  return members.find(({ node }) => node === name);
}

/**
 * May this be done to this control plane now?
 * @throws UserError GateRefused with the reasons of all gates that say no
 */
export function assessGate({ purpose, node, controlPlanes, facts }: AssessGateInput): OpenGates {
  const { answers, noAnswers } = parseResults(controlPlaneFacts, facts);
  const heard = new Set(facts.map(({ instanceId }) => instanceId));
  const unheard = controlPlanes
    .filter(({ instanceId }) => !heard.has(instanceId))
    .map((silent): NoAnswer => ({ ...silent, error: 'NodeUnreachable', message: `${silent.name} was not asked.` }));
  const silent = [...noAnswers, ...unheard];
  const self = answers.find(({ instanceId }) => instanceId === node.instanceId);
  const gates: Gate[] = [
    everyoneAnswers(controlPlanes, silent),
    nobodyIsAtWork(answers),
    ...(self ? GATES[purpose](self, answers) : []),
  ];
  const no = refusals(gates);
  if (no.length > 0) throw new UserError('GateRefused', describeRefusals(no));
  // The node itself may also be missing from the list of control planes; then no gate has judged it.
  if (!self)
    throw new UserError(
      'GateRefused',
      `${node.name} is none of the control planes that answered: start again, so that nodes are looked up anew.`,
    );
  return { gates };
}
