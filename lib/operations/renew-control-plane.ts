import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import type { RefreshResult, RenewalResult } from '../../lambdas/contracts/node-steps';
import type { Expression, Payload, Variable } from '../foundation/expressions';
import { Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { LoadBalancerTurn } from '../../lambdas/contracts/load-balancer';
import type { RenewalAnswer, RenewalAnswers, RenewalPlan } from '../../lambdas/contracts/renewal';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import { set } from '../foundation/assign';
import { expression, fieldsOf, is, list, object, referTo, render, variable } from '../foundation/expressions';
import type { ClusterLock } from '../foundation/lock';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { gatherFacts } from '../phases/gather-facts';
import { outOfLoadBalancer } from '../phases/out-of-load-balancer';
import { passGate } from '../phases/pass-gate';
import { RedriveGuard } from '../phases/redrive-guard';
import { unlessStopped } from '../phases/unless-stopped';
import type { OperationFunctions } from './operation-functions';

export interface RenewControlPlaneProps extends OperationFunctions {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  found: Variable<FoundNodes<'renew-certificates'>>;
}

/** The output of a node's turn. */
export interface TurnEnded {
  node: string;
  /** false: somebody asked to stop before. */
  begun: boolean;
  said: string;
  answers: RenewalAnswers;
}

/** Parameters that the scripts have in a renewal and in a repair. */
export const force = ({ options }: Variable<FoundNodes<'renew-certificates'>>) =>
  expression<string>`${options.force} = true ? "yes" : "no"`;
export function kubeconfigParameters({ config }: Pick<Variable<FoundNodes>, 'config'>) {
  const { adminKubeconfigs } = config.certificates;
  return {
    AdminKubeconfigs: expression<string>`$count(${adminKubeconfigs}) = 0 ? "none" : $join(${adminKubeconfigs}, ",")`,
  };
}

/** What the nodes say of their renewal, a part of it at every step: cut, whatever they say, so that it fits into a state. */
const { instanceId, name: nodeName } = fieldsOf<NodeResult>();
const { result } = fieldsOf<{ result: RenewalResult & RefreshResult }>();
const { component } = fieldsOf<RenewalResult['restarted'][number]>();
const copy = referTo<RefreshResult['kubeconfigs'][number]>('$copy');
const cut = (text: Expression<unknown>, length: number) =>
  expression<string>`$substring($string(${text}), 0, ${length})`;
const answer = object<RenewalAnswer>({
  backup: cut(result.backup, 300),
  restarted: expression`[${result.restarted}[[0..9]].${cut(component, 60)}]`,
  kubeconfigs: expression`[$map(${result.kubeconfigs}[[0..19]], function($copy) { ${object<
    RenewalAnswer['kubeconfigs'][number]
  >({ path: cut(copy.path, 300), refreshed: is(copy.refreshed, true), reason: cut(copy.reason, 200) })} })]`,
});
const renewalAnswers = expression<RenewalAnswers>`[${nodeResults}.${object<RenewalAnswers[number]>({ instanceId, name: nodeName, answer })}]`;

/** Adds to `answers`, in a state that runs a node step, what the nodes said. */
export const addAnswers = (answers: Variable<RenewalAnswers>) =>
  set(answers, expression<RenewalAnswers>`[$append(${answers}, ${renewalAnswers})]`);

const node = variable<RenewalPlan['steps'][number]>('node');
const facts = variable<NodeResult[]>('facts');
const turn = variable<LoadBalancerTurn>('turn');
const ownAnswer = variable<RenewalAnswers>('ownAnswer');

/**
 * One step of the plan: look at all control planes, pass the gate, and renew on this one while it is out of its load balancer; then
 * refresh its copies of admin.conf. Draining takes minutes, so after it the control planes are looked at and the gate is passed once
 * more. A redrive finds the node back in its load balancer, so it begins with the look at the control planes again. Nothing is begun once
 * somebody has asked to stop.
 */
export function renewControlPlane(states: Construct, props: RenewControlPlaneProps): IChainable {
  const { found } = props;
  const { cluster, config, reachable: controlPlanes } = found;
  const guard = new RedriveGuard({
    id: 'checked',
    again: 'look at the control planes again',
    question: 'Was it redriven after that check?',
    mistake: 'The renewal cannot be put into words',
  });
  const inspect = { runOnNodes: props.runOnNodes, controlPlanes, inventory: 'no', assignTo: facts } as const;
  const gate = {
    ...{ assessGate: props.assessGate, cluster, node, controlPlanes, facts },
    purpose: 'restart-static-pods',
  } as const;

  const check = gatherFacts(states, 'Check the control planes', {
    ...inspect,
    assign: [guard.note()],
  });
  const renew = runOnNodesTask(states, 'Renew certificates on the node', props.runOnNodes, {
    step: 'renew-certificates',
    nodes: guard.unlessRedriven(node),
    parameters: { Force: force(found), Until: 'all' },
    lockOf: cluster,
    assign: [set(ownAnswer, renewalAnswers)],
  });
  const renewOutOfLoadBalancer = outOfLoadBalancer(states, {
    ...props,
    operation: 'renew-certificates',
    ...{ cluster, config, node, turn },
    leavingNode: guard.unlessRedriven(node),
    lookAgain: gatherFacts(states, 'Check the control planes again', inspect).next(
      passGate(states, 'Pass the gate again', gate),
    ),
    act: renew,
  });
  const refresh = runOnNodesTask(states, 'Refresh the copies of admin.conf', props.runOnNodes, {
    step: 'refresh-kubeconfigs',
    nodes: node,
    parameters: kubeconfigParameters(found),
    lockOf: cluster,
    assign: [addAnswers(ownAnswer)],
  });
  const done = Succeed.jsonata(states, 'This node is done', {
    outputs: render({
      node: node.name,
      begun: true,
      said: turn.said,
      answers: list(ownAnswer),
    } satisfies Payload<TurnEnded>),
  });

  guard.protect(states, [renewOutOfLoadBalancer.leave, renew], check);
  return unlessStopped(
    states,
    {
      ...{ table: props.lock.table, cluster, what: 'this control plane' },
      assign: [set(node, referTo('$states.input'))],
      notBegun: object<TurnEnded>({
        ...{ node: node.name, begun: expression`false`, said: expression`""`, answers: expression`[]` },
      }),
    },
    check
      .next(passGate(states, 'Pass the gate for this node', gate))
      .next(renewOutOfLoadBalancer)
      .next(refresh)
      .next(done),
  );
}
