import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { OperationName } from '../../lambdas/contracts/operation';
import { OPERATIONS } from '../../lambdas/contracts/operation';
import type { Permission } from './lambda-function';
import { APP } from './names';

// From the operations' names, not from their state machines: those need the functions first that are told these ARNs.

/** ARN of each operation's state machine. */
export const stateMachineArns = (scope: Construct) =>
  Object.fromEntries(
    OPERATIONS.map((operation) => [operation, arn(scope, 'stateMachine', `${APP}-${operation}`)]),
  ) as Record<OperationName, string>;

export const startExecutions = (scope: Construct): Permission => ({
  actions: ['states:StartExecution'],
  resources: Object.values(stateMachineArns(scope)),
});

/** What follows an event of an instance; it holds no lock. */
export const LIFECYCLE = 'lifecycle-event';

/** Beside operations, what works for one that has ended, with the cluster's lock. */
export const AFTERWARDS = 'uncordon-nodes';

export const describeExecutions = (scope: Construct): Permission => ({
  actions: ['states:DescribeExecution'],
  resources: executionsOfOperations(scope, [...OPERATIONS, AFTERWARDS, LIFECYCLE]),
  because: 'Any execution of an operation of this app: their names are not known beforehand.',
});

/** Read what nodes have answered. */
export const readResultsOfNodes = (scope: Construct): Permission => ({
  actions: ['states:DescribeExecution'],
  resources: [arn(scope, 'execution', `${APP}-run-on-nodes:*`)],
  because:
    'What hundreds of nodes answer does not fit into a state, so it is read from the executions that asked them: their names are not known.',
});

/** All executions of these operations: their names are not known beforehand. */
export const executionsOfOperations = (
  scope: Construct,
  operations: readonly (OperationName | typeof AFTERWARDS | typeof LIFECYCLE)[],
): string[] => operations.map((operation) => arn(scope, 'execution', `${APP}-${operation}:*`));

/** Read what an operation has done. */
export const readHistories = (scope: Construct): Permission => ({
  ...describeExecutions(scope),
  actions: ['states:GetExecutionHistory'],
});

/** Read what was done by the executions that do a part of an operation's work. */
export const readNestedHistories = (scope: Construct): Permission => ({
  actions: ['states:GetExecutionHistory'],
  resources: ['run-on-nodes', 'upgrade-workers', 'upgrade-worker'].map((name) =>
    arn(scope, 'execution', `${APP}-${name}:*`),
  ),
  because: 'Any execution that an operation ran: their names are not known beforehand.',
});

/** Read what an operation has done, and stop it. */
export const watchExecutions = (scope: Construct): Permission => ({
  ...describeExecutions(scope),
  actions: ['states:GetExecutionHistory', 'states:StopExecution'],
});

const arn = (scope: Construct, resource: string, resourceName: string) =>
  Stack.of(scope).formatArn({
    service: 'states',
    resource,
    resourceName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
