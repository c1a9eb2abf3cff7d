import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { DynamoAttributeValue, DynamoDeleteItem, DynamoPutItem } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { Expression } from './expressions';
import { jsonata } from './expressions';

/** What an entry of the lock says. */
export interface LockHolder {
  cluster: Expression<string>;
  /** ARN of the operation's execution. */
  holder: Expression<string>;
  operation: Expression<string>;
  /** When the operation began, ISO 8601. */
  since: Expression<string>;
}

/** DynamoDB's refusal of a condition, as the optimised integration and as the AWS SDK integration of Step Functions name it. */
export const LOCK_HELD_BY_ANOTHER = [
  'DynamoDB.ConditionalCheckFailedException',
  'DynamoDb.ConditionalCheckFailedException',
];

/**
 * One operation for a cluster at a time. An entry is held by the execution that wrote it, until that execution deletes it;
 * on-operation-ended and conclude-failure delete it for executions that did not come so far, take-over-lock replaces it when its
 * holder no longer runs.
 */
export class ClusterLock extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'cluster', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // It holds nothing but who is at work now.
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** Takes the lock, or finds that `holder` has it already; otherwise fails with LOCK_HELD_BY_ANOTHER. */
  hold(scope: Construct, name: string, held: LockHolder): DynamoPutItem {
    return this.put(scope, name, held, 'attribute_not_exists(#cluster) OR #holder = :holder');
  }

  private put(
    scope: Construct,
    name: string,
    { cluster, holder, operation, since }: LockHolder,
    conditionExpression: string,
    values: Record<string, DynamoAttributeValue> = {},
  ): DynamoPutItem {
    return DynamoPutItem.jsonata(scope, name, {
      table: this.table,
      item: {
        cluster: DynamoAttributeValue.fromString(jsonata(cluster)),
        holder: DynamoAttributeValue.fromString(jsonata(holder)),
        operation: DynamoAttributeValue.fromString(jsonata(operation)),
        since: DynamoAttributeValue.fromString(jsonata(since)),
      },
      conditionExpression,
      expressionAttributeNames: {
        ...(conditionExpression.includes('#cluster') && { '#cluster': 'cluster' }),
        '#holder': 'holder',
      },
      expressionAttributeValues: { ':holder': DynamoAttributeValue.fromString(jsonata(holder)), ...values },
    });
  }

  /** Takes the lock over from the holder that has left it, or finds that `holder` has it already; otherwise fails with LOCK_HELD_BY_ANOTHER. */
  takeFrom(scope: Construct, name: string, from: Expression<string>, held: LockHolder): DynamoPutItem {
    return this.put(scope, name, held, '#holder = :from OR #holder = :holder', {
      ':from': DynamoAttributeValue.fromString(jsonata(from)),
    });
  }

  /** Gives the lock back; fails with LOCK_HELD_BY_ANOTHER when `holder` does not have it. */
  release(
    scope: Construct,
    name: string,
    { cluster, holder }: Pick<LockHolder, 'cluster' | 'holder'>,
  ): DynamoDeleteItem {
    return DynamoDeleteItem.jsonata(scope, name, {
      table: this.table,
      key: { cluster: DynamoAttributeValue.fromString(jsonata(cluster)) },
      conditionExpression: '#holder = :holder',
      expressionAttributeNames: { '#holder': 'holder' },
      expressionAttributeValues: { ':holder': DynamoAttributeValue.fromString(jsonata(holder)) },
    });
  }
}
