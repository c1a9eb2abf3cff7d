/** A service that tasks can call. */
export interface ServiceNames {
  /** IAM's prefix, the name that the door knows. */
  iam: string;
  /** In front of the dot in error names of `aws-sdk` integrations: the class prefix of the AWS SDK for Java 2. */
  sdk: string;
  /** In error names of the optimised integration, where there is one: prefix, and name of the general exception of the SDK for Java 1. */
  optimised?: { prefix: string; general: string; service: string };
}

/** By the id in `arn:aws:states:::aws-sdk:<id>:<action>`. */
export const SERVICE_IDS: Record<string, ServiceNames> = {
  cloudwatch: { iam: 'cloudwatch', sdk: 'CloudWatch' },
  dynamodb: {
    iam: 'dynamodb',
    sdk: 'DynamoDb',
    optimised: { prefix: 'DynamoDB', general: 'AmazonDynamoDBException', service: 'AmazonDynamoDBv2' },
  },
  ec2: { iam: 'ec2', sdk: 'Ec2' },
  eventbridge: {
    iam: 'events',
    sdk: 'EventBridge',
    optimised: { prefix: 'EventBridge', general: 'AmazonEventBridgeException', service: 'AmazonEventBridge' },
  },
  lambda: {
    iam: 'lambda',
    sdk: 'Lambda',
    optimised: { prefix: 'Lambda', general: 'AWSLambdaException', service: 'AWSLambda' },
  },
  scheduler: { iam: 'scheduler', sdk: 'Scheduler' },
  sfn: {
    iam: 'states',
    sdk: 'Sfn',
    optimised: { prefix: 'StepFunctions', general: 'AWSStepFunctionsException', service: 'AWSStepFunctions' },
  },
  sns: { iam: 'sns', sdk: 'Sns', optimised: { prefix: 'SNS', general: 'AmazonSNSException', service: 'AmazonSNS' } },
  sqs: { iam: 'sqs', sdk: 'Sqs', optimised: { prefix: 'SQS', general: 'AmazonSQSException', service: 'AmazonSQS' } },
  ssm: { iam: 'ssm', sdk: 'Ssm' },
  sts: { iam: 'sts', sdk: 'Sts' },
};
