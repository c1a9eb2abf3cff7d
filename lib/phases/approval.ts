import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Chain, INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, IntegrationPattern, TaskInput, Timeout } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type {
  AwaitApprovalInput,
  GivenApproval,
  RequestApprovalInput,
  RequestedApproval,
} from '../../lambdas/contracts/approval';
import type { APPROVABLE } from '../../lambdas/contracts/approval-settings';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import type { ApprovalWantedDetail } from '../../lambdas/contracts/events';
import { EVENT } from '../../lambdas/contracts/events';
import type { Plan } from '../../lambdas/contracts/plan';
import { assignments, set } from '../foundation/assign';
import { isForAnother } from '../foundation/at-work';
import { context } from '../foundation/context';
import type { Expression, Payload, Reference, Variable } from '../foundation/expressions';
import { condition, expression, is, jsonata, list, object, render, variable } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import { otherwiseOf, phase } from './chaining';
import { tellBus, tellOperators } from './tell';

export interface ApprovalProps {
  operation: (typeof APPROVABLE)[number];
  requestApproval: LambdaFunction<RequestApprovalInput, RequestedApproval>;
  awaitApproval: LambdaFunction<AwaitApprovalInput>;
  eventBus: IEventBus;
  topic: ITopic;
  cluster: Expression<string>;
  /** Approval is wanted where the settings want it for one of these. Default: the operation itself. */
  wantedFor?: (typeof APPROVABLE)[number][];
  /** Not asked where another operation runs this one: that one's plan, of which this one is a part, was approved. */
  unlessPart?: true;
  config: Reference<ClusterConfig>;
  plan: Reference<Pick<Plan, 'digest' | 'summary'>>;
  /** Takes what the output says of it; empty where the settings want no approval. */
  assignTo: Variable<GivenApproval>;
  /** Where the plan begins to be made. */
  planAgain: State;
}

const asked = variable<RequestedApproval>('approvalAsked');

/**
 * Goes on when the plan needs no approval, or has it. Otherwise it tells that it is wanted, and waits without cost until somebody has
 * decided or its time is over. What wakes it proves nothing: the plan is made again, passes its gates again, and the record is read
 * again. Fails with ApprovalRejected, and with PlanChanged when the plan that was approved is no longer the plan.
 */
export function approval(scope: Construct, props: ApprovalProps): Chain {
  const { operation, cluster, config, plan, assignTo, planAgain } = props;
  const isWanted = Choice.jsonata(scope, 'Does it need approval?', {
    assign: assignments([set(assignTo, expression<GivenApproval>`{}`)]),
  });
  const request = lambdaTask(scope, 'Ask for approval', {
    lambdaFunction: props.requestApproval,
    payload: {
      ...{ operation, cluster, execution: context.Execution.Id, input: context.Execution.Input },
      people: list(config.people),
      settings: config.approval,
      plan: { digest: plan.digest, summary: plan.summary },
      now: context.State.EnteredTime,
    } as Payload<RequestApprovalInput>,
    assignTo: asked,
    assign: [set(assignTo, expression<GivenApproval>`$states.result.Payload.given`)],
  });
  const wait = waitForVerdict(scope, props);
  wait.addCatch(planAgain, { errors: ['States.Timeout'] });
  const tell = tellThatItIsWanted(scope, props).next(wait);
  wait.next(planAgain);

  const isGiven = Choice.jsonata(scope, 'Is it approved?')
    .when(condition(expression`${is(asked.given.state, 'waiting')} and ${asked.isNew}`), tell)
    .when(condition(is(asked.given.state, 'waiting')), wait);
  const wanted = (props.wantedFor ?? [operation])
    .map((one) => expression<boolean>`${one} in ${config.approval.operations}`)
    .reduce((any, one) => expression<boolean>`${any} or ${one}`);
  isWanted.when(condition(props.unlessPart ? expression`$not(${isForAnother}) and (${wanted})` : wanted), request);
  request.next(isGiven);
  return phase(isWanted, otherwiseOf(isWanted), otherwiseOf(isGiven));
}

/** An operation's output, with its approval where the settings want one. */
export const withApproval = <Report extends { approval?: GivenApproval | undefined }>(
  report: Expression<Omit<Report, 'approval'>>,
  approved: Reference<GivenApproval>,
): Expression<Report> =>
  expression`$merge([${report}, $exists(${approved.state}) ? ${object<Pick<Report, 'approval'>>({ approval: approved } as never)} : {}])`;

/** By event and by mail. */
function tellThatItIsWanted(scope: Construct, { operation, cluster, plan, eventBus, topic }: ApprovalProps): Chain {
  const bus = tellBus<ApprovalWantedDetail>(
    scope,
    {
      eventBus,
      detailType: EVENT.approvalWanted,
      detail: {
        ...{ operation, cluster, execution: context.Execution.Id, id: asked.id },
        ...{ digest: asked.given.digest, summary: plan.summary, requester: asked.given.requester },
        ...{ needed: asked.needed, deadline: asked.deadline },
      } as Payload<ApprovalWantedDetail>,
    },
    'Tell the event bus that approval is wanted',
  );
  const operators = { topic, cluster, subject: asked.subject, text: asked.text };
  return bus.next(tellOperators(scope, operators, 'Tell the operators that approval is wanted'));
}

/** Until a verdict wakes it, at most until the approval's time is over. */
function waitForVerdict(scope: Construct, { awaitApproval }: ApprovalProps): LambdaInvoke & INextable {
  const payload: Payload<AwaitApprovalInput> = { execution: context.Execution.Id, token: context.Task.Token };
  return LambdaInvoke.jsonata(scope, 'Wait for approval', {
    lambdaFunction: awaitApproval,
    integrationPattern: IntegrationPattern.WAIT_FOR_TASK_TOKEN,
    payload: TaskInput.fromObject(render(payload) as Record<string, unknown>),
    taskTimeout: Timeout.jsonata(
      jsonata(
        expression`$max([1, $ceil(($toMillis(${asked.deadline}) - $toMillis(${context.State.EnteredTime})) / 1000)])`,
      ),
    ),
  });
}
