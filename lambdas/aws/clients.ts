import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';

/**
 * Every call that these functions make may safely be made again (SendCommand, which may not, is never called from a Lambda), so
 * throttling and lost connections are retried: 5 attempts within about 10 s. A hanging connection is given up after 5 s.
 */
const settings = { maxAttempts: 5, requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000 } };

const made = new Map<string, unknown>();

/** Made on first use and kept for the life of the execution environment. */
function kept<Client>(name: string, make: () => Client): Client {
  if (!made.has(name)) made.set(name, make());
  return made.get(name) as Client;
}

// Functions rather than constants: a bundle then holds only the clients that its handler calls.
export const autoScaling = () => kept('autoscaling', () => new AutoScalingClient(settings));
export const cloudWatch = () => kept('cloudwatch', () => new CloudWatchClient(settings));
export const dynamoDb = () => kept('dynamodb', () => new DynamoDBClient(settings));
export const ec2 = () => kept('ec2', () => new EC2Client(settings));
/** One DescribeTargetHealth for each target group of a network: slows down by itself when it is throttled. */
export const loadBalancing = () =>
  kept(
    'elasticloadbalancing',
    () => new ElasticLoadBalancingV2Client({ ...settings, maxAttempts: 8, retryMode: 'adaptive' }),
  );
/** start-operation itself waits for Step Functions, which may take seconds; called again it starts nothing twice. */
export const lambda = () =>
  kept(
    'lambda',
    () => new LambdaClient({ ...settings, requestHandler: { connectionTimeout: 2_000, requestTimeout: 20_000 } }),
  );
export const eventBridge = () => kept('events', () => new EventBridgeClient(settings));
/** What is read of an object may pause for longer than an answer may. */
export const s3 = () =>
  kept('s3', () => new S3Client({ ...settings, requestHandler: { connectionTimeout: 2_000, requestTimeout: 60_000 } }));
export const stepFunctions = () => kept('states', () => new SFNClient(settings));
export const sns = () => kept('sns', () => new SNSClient(settings));
/** Up to 50 GetCommandInvocation calls in a row for one command: slows down by itself when SSM throttles. */
export const ssm = () => kept('ssm', () => new SSMClient({ ...settings, maxAttempts: 8, retryMode: 'adaptive' }));
