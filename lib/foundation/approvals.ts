import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { Permission } from './lambda-function';
import { stateMachineArns } from './operation-arns';

/**
 * Who asked for each operation, and who approved its plan. Not in the lock's table: whoever may write here decides what is approved. Only
 * Lambdas of this app may, each its part: `start-operation` who asked, `api` and `chat-command` verdicts, `request-approval` and `await-approval` the rest.
 */
export class Approvals extends Table {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'expires',
      // What it says is in the operations' outputs as well.
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** Write down who asked for an operation. */
  writeStarts(): Permission {
    return this.may(['PutItem'], EVERY_START);
  }

  readStarts(): Permission {
    return this.may(['GetItem'], EVERY_START);
  }

  /** Ask for an approval, or see what has become of it. */
  request(): Permission {
    return this.may(['GetItem', 'PutItem', 'UpdateItem'], EVERY_APPROVAL);
  }

  read(): Permission {
    return this.may(['GetItem'], EVERY_APPROVAL);
  }

  /** Keep what wakes the state machine that waits; the update tells what is there. */
  keepTokens(): Permission {
    return this.may(['UpdateItem'], EVERY_APPROVAL);
  }

  /** Give a verdict. */
  decide(): Permission {
    return this.may(['GetItem', 'UpdateItem'], EVERY_APPROVAL);
  }

  private may(actions: string[], leadingKey: string): Permission {
    return {
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [this.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [leadingKey] } },
    };
  }
}

const EVERY_START = 'start/*';
const EVERY_APPROVAL = 'approval/*';

/** Wake a state machine that waits for an approval. */
export const wakeOperations = (scope: Construct): Permission => ({
  actions: ['states:SendTaskSuccess'],
  resources: Object.values(stateMachineArns(scope)),
});
