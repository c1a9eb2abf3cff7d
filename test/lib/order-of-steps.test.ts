import { NODE_STEPS } from '../../lib/node-access/node-steps';
import { definitions, statesOf, ways } from '../helpers/state-machine';

/** The document changes nodes. */
const READING = Object.entries(NODE_STEPS)
  .filter(([, { changesNode }]) => !changesNode)
  .map(([step]) => `kubeadm-autopilot-${step}`);
const CHANGES_NODES = `$not($request.document in ${JSON.stringify(READING)})`;
/** The lock's holder is one of this app's operations that change something, in this account and region. */
const HELD_BY_OPERATION =
  '$substringBefore($request.lock.holder, ":execution:") = $substringBefore($states.context.StateMachine.Id, ":stateMachine:") and $split($substringAfter($request.lock.holder, ":execution:"), ":")[0] in ["kubeadm-autopilot-renew-certificates","kubeadm-autopilot-back-up-etcd","kubeadm-autopilot-upgrade","kubeadm-autopilot-create-cluster","kubeadm-autopilot-join-node","kubeadm-autopilot-remove-node","kubeadm-autopilot-uncordon-nodes"]';

/** Every way through every state machine. Whoever deletes, renames or swaps a step meets its name here. */
describe.each([
  [
    'run-on-nodes',
    'Ask SSM which nodes answer',
    [
      'Ask SSM which nodes answer → Do the nodes answer?',
      `Do the nodes answer? [${CHANGES_NODES} and $not(${HELD_BY_OPERATION})] → No operation asks for it`,
      'Do the nodes answer? [$count($offline) > 0 and $not($request.tolerateFailures)] → Nodes do not answer',
      'Do the nodes answer? [$count($online) = 0] → All nodes have ended',
      `Do the nodes answer? [${CHANGES_NODES}] → Look at the holder of the lock`,
      'Do the nodes answer? → Send the command',
      'Look at the holder of the lock {Sfn.ExecutionDoesNotExistException} → The holder of the lock is not at work',
      'Look at the holder of the lock → Look at the tags of the nodes',
      'Look at the tags of the nodes → Are the holder and the nodes of this cluster?',
      'Are the holder and the nodes of this cluster? [$not($isAtWork)] → The holder of the lock is not at work',
      'Are the holder and the nodes of this cluster? [$count($strangers) > 0] → A node is of another cluster',
      'Are the holder and the nodes of this cluster? → Hold the lock',
      'Hold the lock {DynamoDB.ConditionalCheckFailedException} → The lock is not ours',
      'Hold the lock → Send the command',
      'Send the command {Ssm.InvalidInstanceIdException} → A node has left',
      'Send the command {States.ALL} → Wait until SSM shows new commands',
      'Send the command → Read the results',
      'Wait until SSM shows new commands → Find the command',
      'Find the command → Was it sent?',
      'Was it sent? [$commandId != ""] → Read the results',
      'Was it sent? [$isForeign] → The command is not the one that was sent',
      `Was it sent? [$sends < 2 and ${CHANGES_NODES}] → Look at the holder of the lock`,
      'Was it sent? [$sends < 2] → Send the command',
      'Was it sent? → The command could not be sent',
      'Read the results → Have all nodes ended?',
      'Have all nodes ended? [$isForeign] → Wait until SSM shows new commands',
      'Have all nodes ended? [$finished and ($request.tolerateFailures or $count($failed) = 0)] → All nodes have ended',
      'Have all nodes ended? [$finished] → A node failed',
      'Have all nodes ended? [$toMillis($states.context.State.EnteredTime) > $deadline and $request.tolerateFailures] → All nodes have ended',
      'Have all nodes ended? [$toMillis($states.context.State.EnteredTime) > $deadline] → Nodes took too long',
      'Have all nodes ended? → Wait for the nodes',
      'Wait for the nodes → Read the results',
    ],
  ],
  [
    'check-certificates',
    'Do check-certificates',
    [
      'Do check-certificates ⊃ Find the nodes',
      'Find the nodes → Is only the plan wanted?',
      'Is only the plan wanted? [$found.options.planOnly = true] → These nodes would be asked',
      'Is only the plan wanted? → Check certificates on the nodes',
      'Check certificates on the nodes → Assess certificates',
      'Assess certificates → What follows?',
      'What follows? [$report.next = "renew"] → Start the renewal',
      'What follows? → Does a person have to be told?',
      'Start the renewal → Does a person have to be told?',
      'Does a person have to be told? [$report.notify] → Tell the operators',
      'Does a person have to be told? → Certificates are checked',
      'Tell the operators → Certificates are checked',
      'Do check-certificates {States.ALL} → Tell what failed',
      'Do check-certificates → The operation has succeeded',
      'Tell what failed {States.ALL} → The operation has failed and nobody was told',
      'Tell what failed → The operation has failed',
    ],
  ],
  [
    'renew-certificates',
    'Do renew-certificates',
    [
      'Do renew-certificates ⊃ Find the nodes',
      'Find the nodes → Gather facts from the control planes',
      'Gather facts from the control planes → Plan the renewal',
      'Plan the renewal → What does the plan say?',
      'What does the plan say? [$found.options.planOnly = true or $plan.decision = "nothing"] → Nothing is changed',
      'What does the plan say? [$plan.decision = "refuse"] → A gate says no',
      'What does the plan say? → Does it need approval?',
      'Does it need approval? ["renew-certificates" in $found.config.approval.operations] → Ask for approval',
      'Does it need approval? → Does it wait for a maintenance window?',
      'Does it wait for a maintenance window? [$exists($plan.window.opensAt)] → Wait until the maintenance window opens',
      'Does it wait for a maintenance window? → Hold the lock',
      'Wait until the maintenance window opens → Find the nodes',
      'Ask for approval → Is it approved?',
      'Is it approved? [$approvalAsked.given.state = "waiting" and $approvalAsked.isNew] → Tell the event bus that approval is wanted',
      'Is it approved? [$approvalAsked.given.state = "waiting"] → Wait for approval',
      'Is it approved? → Does it wait for a maintenance window?',
      'Tell the event bus that approval is wanted → Tell the operators that approval is wanted',
      'Tell the operators that approval is wanted → Wait for approval',
      'Wait for approval {States.Timeout} → Find the nodes',
      'Wait for approval → Find the nodes',
      'Hold the lock {DynamoDB.ConditionalCheckFailedException} → Take over the lock if its holder has ended',
      'Hold the lock → Renewal or repair?',
      'Take over the lock if its holder has ended → Renewal or repair?',
      'Renewal or repair? [$plan.kind = "repair"] → Make a bootstrap token that nodes can read',
      'Renewal or repair? → One control plane at a time',
      'Make a bootstrap token that nodes can read → Are control planes stopped?',
      'Are control planes stopped? [$count($plan.steps) > 0] → Renew the files on all of them',
      'Are control planes stopped? → Make the token known to the cluster',
      'Renew the files on all of them → Give their kubelets credentials',
      'Give their kubelets credentials → Restart etcd on all of them',
      'Restart etcd on all of them → Restart the API servers',
      'Restart the API servers → Restart the rest and prove what is served',
      'Restart the rest and prove what is served → Refresh the copies of admin.conf on all of them',
      'Refresh the copies of admin.conf on all of them → Make the token known to the cluster',
      'Renew the files on all of them {States.QueryEvaluationError} → Was it redriven after its plan?',
      'Give their kubelets credentials {States.QueryEvaluationError} → Was it redriven after its plan?',
      'Restart etcd on all of them {States.QueryEvaluationError} → Was it redriven after its plan?',
      'Restart the API servers {States.QueryEvaluationError} → Was it redriven after its plan?',
      'Restart the rest and prove what is served {States.QueryEvaluationError} → Was it redriven after its plan?',
      'Refresh the copies of admin.conf on all of them {States.QueryEvaluationError} → Was it redriven after its plan?',
      'Was it redriven after its plan? [$plannedIn < $states.context.Execution.RedriveCount] → Find the nodes',
      'Was it redriven after its plan? → The repair cannot be put into words',
      'Make the token known to the cluster → Fifty workers at a time',
      'Fifty workers at a time ⊃ Let the kubelets of workers rejoin',
      'Fifty workers at a time → Is the token about to end?',
      'Is the token about to end? [$toMillis($states.context.State.EnteredTime) - $toMillis($tokenSince) > 300000] → Make the token last longer',
      'Is the token about to end? → Let the kubelets of control planes rejoin',
      'Make the token last longer → Let the kubelets of control planes rejoin',
      'Let the kubelets of control planes rejoin → Make the cluster forget the token',
      'Make the cluster forget the token → Delete the token that nodes could read',
      'Delete the token that nodes could read → Wait until every node is Ready',
      'Wait until every node is Ready → Check all control planes afterwards',
      'One control plane at a time ⊃ Check the control planes',
      'Check the control planes → Pass the gate for this node',
      'Pass the gate for this node → Leave the load balancer',
      'Leave the load balancer {States.QueryEvaluationError} → Was it redriven after that check?',
      'Leave the load balancer → Has it left the load balancer?',
      'Has it left the load balancer? [$turn.next = "go"] → Renew certificates on the node',
      'Has it left the load balancer? [$turn.next = "settle"] → Let the load balancer settle',
      'Has it left the load balancer? → Wait for its connections to drain',
      'Wait for its connections to drain → Leave the load balancer',
      'Let the load balancer settle → Check the control planes again',
      'Check the control planes again → Pass the gate again',
      'Pass the gate again → Renew certificates on the node',
      'Renew certificates on the node {States.QueryEvaluationError} → Was it redriven after that check?',
      'Renew certificates on the node → Did it leave the load balancer?',
      'Did it leave the load balancer? [$count($turn.left) = 0] → Refresh the copies of admin.conf',
      'Did it leave the load balancer? → Return to the load balancer',
      'Return to the load balancer → Is it back in the load balancer?',
      'Is it back in the load balancer? [$turn.next = "go"] → Refresh the copies of admin.conf',
      'Is it back in the load balancer? → Wait until it is healthy there',
      'Wait until it is healthy there → Return to the load balancer',
      'Refresh the copies of admin.conf → This node is done',
      'Was it redriven after that check? [$checkedIn < $states.context.Execution.RedriveCount] → Check the control planes',
      'Was it redriven after that check? → The renewal cannot be put into words',
      'One control plane at a time → Check all control planes afterwards',
      'Check all control planes afterwards → Verify what is served',
      'Verify what is served → Release the lock',
      'Release the lock {DynamoDB.ConditionalCheckFailedException} → The lock was given back already',
      'The lock was given back already → Tell the event bus',
      'Release the lock → Tell the event bus',
      'Tell the event bus → Tell the operators',
      'Tell the operators → Certificates are renewed',
      'Do renew-certificates {States.ALL} → Tell what failed',
      'Do renew-certificates → The operation has succeeded',
      'Tell what failed {States.ALL} → The operation has failed and nobody was told',
      'Tell what failed → The operation has failed',
    ],
  ],
  [
    'remove-node',
    'Do remove-node',
    [
      'Do remove-node ⊃ Find the nodes',
      'Do remove-node {States.ALL} → Tell what failed',
      'Do remove-node → The operation has succeeded',
      'Tell what failed {States.ALL} → The operation has failed and nobody was told',
      'Tell what failed → The operation has failed',
      'Find the nodes → Gather facts from all nodes',
      'Gather facts from all nodes ⊃ Gather facts from all nodes: fifty at a time',
      'Gather facts from all nodes → Look at the node itself',
      'Look at the node itself ⊃ Look at the node itself: ask it',
      'Look at the node itself → Plan the removal',
      'Plan the removal → What does the plan say?',
      'What does the plan say? [$found.options.planOnly = true or $plan.decision = "nothing"] → Nothing is changed',
      'What does the plan say? [$plan.decision = "refuse"] → A gate says no',
      'What does the plan say? → Does it need approval?',
      'Does it need approval? ["remove-node" in $found.config.approval.operations] → Ask for approval',
      'Does it need approval? → Hold the lock',
      'Ask for approval → Is it approved?',
      'Is it approved? [$approvalAsked.given.state = "waiting" and $approvalAsked.isNew] → Tell the event bus that approval is wanted',
      'Is it approved? [$approvalAsked.given.state = "waiting"] → Wait for approval',
      'Is it approved? → Hold the lock',
      'Tell the event bus that approval is wanted → Tell the operators that approval is wanted',
      'Tell the operators that approval is wanted → Wait for approval',
      'Wait for approval {States.Timeout} → Find the nodes',
      'Wait for approval → Find the nodes',
      'Hold the lock {DynamoDB.ConditionalCheckFailedException} → Take over the lock if its holder has ended',
      'Hold the lock → Gather facts again',
      'Gather facts again ⊃ Gather facts again: fifty at a time',
      'Gather facts again → Look at the node again',
      'Was it redriven after that look? [$lookedIn < $states.context.Execution.RedriveCount] → Gather facts again',
      'Was it redriven after that look? → The removal cannot be put into words',
      'Leave the load balancer {States.QueryEvaluationError} → Was it redriven after that look?',
      'Leave the load balancer → Has it left the load balancer?',
      'Wait for its connections to drain → Leave the load balancer',
      'Does it leave a load balancer? [$plan.parts.leaveLoadBalancer = true] → Leave the load balancer',
      'Does it leave a load balancer? → Is it drained first?',
      'Is it drained first? [$plan.parts.drain = true] → Drain the node',
      'Is it drained first? → Is etcd asked once more?',
      'Has it left the load balancer? [$turn.next = "go"] → Is it drained first?',
      'Has it left the load balancer? [$turn.next = "settle"] → Let the load balancer settle',
      'Has it left the load balancer? → Wait for its connections to drain',
      'Let the load balancer settle → Is it drained first?',
      'Is etcd asked once more? [$plan.parts.askAgain = true] → Check the control planes',
      'Is etcd asked once more? → Take it out of all target groups',
      'Is it drained? [$drain.drained = true] → Is etcd asked once more?',
      'Is it drained? → Tell what holds the drain up',
      'Drain the node {States.QueryEvaluationError} → Was it redriven after that look?',
      'Drain the node → Is it drained?',
      'Tell what holds the drain up → Go on draining',
      'Go on draining {States.QueryEvaluationError} → Was it redriven after that look?',
      'Go on draining → Is it drained by now?',
      'Is it drained by now? [$drain.drained = false and $patience < 2 and $found.config.upgrade.stuckDrain in ["wait", "force"]] → Go on draining',
      'Is it drained by now? [$drain.drained = true] → Is etcd asked once more?',
      'Is it drained by now? → Give up the drain',
      'Give up the drain → Go on without this node?',
      'Go on without this node? [$found.config.upgrade.stuckDrain = "skip"] → It does not leave without a drain',
      'Go on without this node? → The drain is stuck',
      'Is its machine reset? [$plan.parts.reset = true] → Reset the machine',
      'Is its machine reset? → Let the cluster forget it',
      'Pass the gate for its departure → Take it out of all target groups',
      'Check the control planes → Pass the gate for its departure',
      'Let the cluster forget it {States.QueryEvaluationError} → Was it redriven after that look?',
      'Let the cluster forget it → Wait until the others are Ready',
      'Reset the machine {States.QueryEvaluationError} → Was it redriven after that look?',
      'Reset the machine → Let the cluster forget it',
      'Take it out of all target groups {States.QueryEvaluationError} → Was it redriven after that look?',
      'Take it out of all target groups → Is its machine reset?',
      'Wait until the others are Ready → Are the others well?',
      'Are the others well? [$count($ready.notReady) <= $plan.notReady and ($not($exists($forgotten.etcdReason)) or $plan.unhealthyMembers > 0)] → Release the lock',
      'Are the others well? → Others are not well',
      'Release the lock {DynamoDB.ConditionalCheckFailedException} → The lock was given back already',
      'Release the lock → Tell the event bus',
      'Tell the event bus → The node is removed',
      'The lock was given back already → Tell the event bus',
      'Take over the lock if its holder has ended → Gather facts again',
      'Look at the node again ⊃ Look at the node again: ask it',
      'Look at the node again → Plan it again',
      'Plan it again → May it still leave?',
      'May it still leave? [$plan.decision = "refuse"] → A gate says no by now',
      'May it still leave? [$exists($approval.state) and $agreed != "" and $plan.digest != $agreed] → The plan has changed',
      'May it still leave? → Does it leave a load balancer?',
    ],
  ],
])('%s', (name, start, expected) => {
  const definition = definitions()[name]!;

  test('begins where it should and takes these ways', () => {
    expect(definition.StartAt).toBe(start);
    expect(ways(definition).sort()).toEqual([...expected].sort());
  });

  test('tests its conditions in this order', () => {
    const conditions = (lines: string[]) => lines.filter((line) => line.includes('] → '));
    for (const choice of new Set(conditions(expected).map((line) => line.split(' [')[0]!))) {
      const of = (lines: string[]) => conditions(lines).filter((line) => line.startsWith(`${choice} [`));
      expect(of(ways(definition))).toEqual(of(expected));
    }
  });
});

describe('what each step calls', () => {
  const calls = (name: string) =>
    Object.fromEntries(
      Object.entries(statesOf(definitions()[name]!))
        .filter(([, { Type }]) => Type === 'Task')
        .map(([state, { Resource, Arguments }]) => [
          state,
          called(String(Resource), Arguments as Record<string, unknown>),
        ]),
    );

  function called(resource: string, { FunctionName, StateMachineArn, Input }: Record<string, unknown>): string {
    const document = (Input as { document?: string } | undefined)?.document;
    return [resource.replace('arn:aws:states:::', ''), FunctionName ?? StateMachineArn, document]
      .filter(Boolean)
      .join(' ');
  }

  const RUN = 'states:startExecution.sync:2 <RunOnNodes> kubeadm-autopilot-';

  test('run-on-nodes', () => {
    expect(calls('run-on-nodes')).toEqual({
      'Ask SSM which nodes answer': 'aws-sdk:ssm:describeInstanceInformation',
      'Look at the holder of the lock': 'aws-sdk:sfn:describeExecution',
      'Look at the tags of the nodes': 'aws-sdk:ec2:describeTags',
      'Hold the lock': 'dynamodb:putItem',
      'Send the command': 'aws-sdk:ssm:sendCommand.waitForTaskToken',
      'Find the command': 'aws-sdk:ssm:listCommands',
      'Read the results': 'lambda:invoke <ReadCommand>',
    });
  });

  test('check-certificates', () => {
    expect(calls('check-certificates')).toEqual({
      'Find the nodes': 'lambda:invoke <FindNodes>',
      'Check certificates on the nodes': `${RUN}check-certificates`,
      'Assess certificates': 'lambda:invoke <AssessCertificates>',
      'Start the renewal': 'lambda:invoke <StartOperation>',
      'Tell the operators': 'sns:publish',
      'Tell what failed': 'lambda:invoke <ConcludeFailure>',
    });
  });

  test('renew-certificates', () => {
    expect(calls('renew-certificates')).toEqual({
      'Find the nodes': 'lambda:invoke <FindNodes>',
      'Gather facts from the control planes': `${RUN}inspect-control-plane`,
      'Plan the renewal': 'lambda:invoke <PlanRenewal>',
      'Ask for approval': 'lambda:invoke <RequestApproval>',
      'Tell the event bus that approval is wanted': 'events:putEvents',
      'Tell the operators that approval is wanted': 'sns:publish',
      'Wait for approval': 'lambda:invoke.waitForTaskToken <AwaitApproval>',
      'Hold the lock': 'dynamodb:putItem',
      'Take over the lock if its holder has ended': 'lambda:invoke <TakeOverLock>',
      'Check the control planes': `${RUN}inspect-control-plane`,
      'Pass the gate for this node': 'lambda:invoke <AssessGate>',
      'Leave the load balancer': 'lambda:invoke <LeaveLoadBalancer>',
      'Check the control planes again': `${RUN}inspect-control-plane`,
      'Pass the gate again': 'lambda:invoke <AssessGate>',
      'Renew certificates on the node': `${RUN}renew-certificates`,
      'Return to the load balancer': 'lambda:invoke <ReturnToLoadBalancer>',
      'Refresh the copies of admin.conf': `${RUN}refresh-kubeconfigs`,
      'Make a bootstrap token that nodes can read': 'lambda:invoke <BootstrapSecret>',
      'Renew the files on all of them': `${RUN}renew-certificates`,
      'Give their kubelets credentials': `${RUN}rejoin-kubelet`,
      'Restart etcd on all of them': `${RUN}renew-certificates`,
      'Restart the API servers': `${RUN}renew-certificates`,
      'Restart the rest and prove what is served': `${RUN}renew-certificates`,
      'Refresh the copies of admin.conf on all of them': `${RUN}refresh-kubeconfigs`,
      'Make the token known to the cluster': `${RUN}bootstrap-token`,
      'Make the token last longer': `${RUN}bootstrap-token`,
      'Let the kubelets of workers rejoin': `${RUN}rejoin-kubelet`,
      'Let the kubelets of control planes rejoin': `${RUN}rejoin-kubelet`,
      'Make the cluster forget the token': `${RUN}bootstrap-token`,
      'Delete the token that nodes could read': 'lambda:invoke <BootstrapSecret>',
      'Wait until every node is Ready': `${RUN}wait-for-nodes`,
      'Check all control planes afterwards': `${RUN}inspect-control-plane`,
      'Verify what is served': 'lambda:invoke <VerifyRenewal>',
      'Release the lock': 'dynamodb:deleteItem',
      'Tell the event bus': 'events:putEvents',
      'Tell the operators': 'sns:publish',
      'Tell what failed': 'lambda:invoke <ConcludeFailure>',
    });
  });
});

test('control planes are renewed one at a time, and only with the lock', () => {
  const states = statesOf(definitions()['renew-certificates']!);
  expect(states['One control plane at a time']!.MaxConcurrency).toBe(1);
  for (const state of ['Renew certificates on the node', 'Refresh the copies of admin.conf']) {
    expect(states[state]!.Arguments).toMatchObject({
      Input: {
        tolerateFailures: false,
        lock: { cluster: '{% $found.cluster %}', holder: '{% $states.context.Execution.Id %}' },
      },
    });
  }
});

test('a repair does each part on all stopped control planes, in this order, only with the lock and by a plan of this very run', () => {
  const states = statesOf(definitions()['renew-certificates']!);
  const input = (name: string) => (states[name]!.Arguments as { Input: Record<string, unknown> }).Input;
  const parts = [
    'Renew the files on all of them',
    'Restart etcd on all of them',
    'Restart the API servers',
    'Restart the rest and prove what is served',
  ];
  expect(parts.map((part) => (input(part)['parameters'] as { Until: string }).Until)).toEqual([
    'files',
    'etcd',
    'kube-apiserver',
    'all',
  ]);
  for (const part of [...parts, 'Give their kubelets credentials', 'Refresh the copies of admin.conf on all of them']) {
    expect(input(part)).toMatchObject({
      tolerateFailures: false,
      lock: { holder: '{% $states.context.Execution.Id %}' },
    });
    expect(input(part)['nodes']).toContain(
      '$plannedIn = $states.context.Execution.RedriveCount ? $plan.steps : $error(',
    );
  }
});

test('a command is never sent again by a Retry, and its event is waited for no longer than a minute', () => {
  const send = statesOf(definitions()['run-on-nodes']!)['Send the command']!;
  expect(send.Retry).toBeUndefined();
  expect(send.HeartbeatSeconds).toBe(60);
});

test('an execution of RunOnNodes may last as long as the longest node step, its delivery, and the time to notice its end', () => {
  const longest = Math.max(
    ...Object.values(NODE_STEPS).map(({ deliverySeconds, executionSeconds }) => deliverySeconds + executionSeconds),
  );
  // A minute's wait for the event comes before the two minutes after which a node has taken too long.
  expect(definitions()['run-on-nodes']!.TimeoutSeconds).toBeGreaterThan(longest + 60 + 120 + 30);
});
