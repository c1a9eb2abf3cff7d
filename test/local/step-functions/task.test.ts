import { AwsError } from '../../../local/aws/aws-call';
import { Engine, eventOf, LAMBDA, lambdas, lines, named, ROLE } from './engine';

const invoke = {
  Type: 'Task',
  Resource: LAMBDA,
  Arguments: { FunctionName: 'greet', Payload: '{% $states.input %}' },
  End: true,
};

describe('lambda:invoke', () => {
  test('parses the payload, and calls under the role of the machine', async () => {
    const engine = new Engine(lambdas({ greet: ({ name }) => ({ hello: name }) }));
    const { result, events } = await engine.run(
      { Greet: { ...invoke, Output: '{% $states.result %}' } },
      { name: 'you' },
    );
    expect(result).toMatchObject({
      Payload: { hello: 'you' },
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      SdkHttpMetadata: { HttpStatusCode: 200 },
    });
    expect(engine.calls).toMatchObject([
      { service: 'lambda', action: 'Invoke', input: { FunctionName: 'greet' }, caller: { principal: ROLE } },
    ]);
    expect(lines(events)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 TaskStateEntered',
      '3 2 TaskScheduled',
      '4 3 TaskStarted',
      '5 4 TaskSucceeded',
      '6 5 TaskStateExited',
      '7 6 ExecutionSucceeded',
    ]);
    const about = { resource: 'invoke', resourceType: 'lambda' };
    expect(events[2]!.taskScheduledEventDetails).toEqual({
      ...about,
      region: 'eu-central-1',
      parameters: '{"FunctionName":"greet","Payload":{"name":"you"}}',
    });
    expect(events[3]!.taskStartedEventDetails).toEqual(about);
    expect(events[4]).toMatchObject({ taskSucceededEventDetails: { ...about, outputDetails: { truncated: false } } });
  });

  test("a function's error has its name, and its whole answer as the cause", async () => {
    const engine = new Engine(
      lambdas({
        greet: () => {
          throw named('UnknownCluster', 'There is no cluster "x".');
        },
      }),
    );
    const { status, error, cause, events } = await engine.run({ Greet: invoke });
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'UnknownCluster' });
    expect(JSON.parse(cause!)).toEqual({
      errorType: 'UnknownCluster',
      errorMessage: 'There is no cluster "x".',
      trace: [],
    });
    expect(lines(events).slice(3)).toEqual(['4 3 TaskStarted', '5 4 TaskFailed', '6 5 ExecutionFailed']);
    expect(events[4]!.taskFailedEventDetails).toEqual({ error, cause, resource: 'invoke', resourceType: 'lambda' });
  });

  test('an answer without an error type is Lambda.Unknown', async () => {
    const engine = new Engine({
      'lambda:Invoke': () => ({
        StatusCode: 200,
        FunctionError: 'Unhandled',
        Payload: Buffer.from('{"errorMessage":"killed"}'),
      }),
    });
    const { error, cause } = await engine.run({ Greet: invoke });
    expect(error).toBe('Lambda.Unknown');
    expect(cause).toContain('{"errorMessage":"killed"}');
  });

  test.each([
    [new AwsError('TooManyRequestsException', 'Rate exceeded', 429), 'Lambda.TooManyRequestsException'],
    [new AwsError('ResourceNotFoundException', 'Function not found', 404), 'Lambda.ResourceNotFoundException'],
    [new AwsError('AccessDeniedException', 'User: x is not authorized', 403), 'Lambda.AWSLambdaException'],
  ])('%s is %s', async (thrown, expected) => {
    const engine = new Engine({
      'lambda:Invoke': () => {
        throw thrown;
      },
    });
    const { error, cause } = await engine.run({ Greet: invoke });
    expect(error).toBe(expected);
    expect(cause).toMatch(
      new RegExp(
        `^${thrown.message} \\(Service: AWSLambda; Status Code: ${thrown.status}; Error Code: ${thrown.code}; Request ID: .*; Proxy: null\\)$`,
      ),
    );
  });
});

describe('aws-sdk integrations', () => {
  test('have the member names of the API in PascalCase, times in ISO 8601 and nothing that is not set', async () => {
    const time = new Date('2026-11-23T10:00:00Z');
    const engine = new Engine({
      'ssm:DescribeInstanceInformation': () => ({
        InstanceInformationList: [
          { InstanceId: 'i-1', PingStatus: 'Online', LastPingDateTime: time, AgentVersion: undefined },
        ],
      }),
    });
    const { result, events } = await engine.run(
      {
        Ask: {
          Type: 'Task',
          Resource: 'arn:aws:states:::aws-sdk:ssm:describeInstanceInformation',
          Arguments: { Filters: [{ Key: 'InstanceIds', Values: '{% [$states.input.id] %}' }], MaxResults: 50 },
          End: true,
        },
      },
      { id: 'i-1' },
    );
    expect(engine.calls[0]).toMatchObject({
      service: 'ssm',
      action: 'DescribeInstanceInformation',
      input: { Filters: [{ Key: 'InstanceIds', Values: ['i-1'] }], MaxResults: 50 },
    });
    expect(result).toEqual({
      InstanceInformationList: [
        { InstanceId: 'i-1', PingStatus: 'Online', LastPingDateTime: '2026-11-23T10:00:00.000Z' },
      ],
    });
    expect(events[2]).toMatchObject({
      taskScheduledEventDetails: { resource: 'describeInstanceInformation', resourceType: 'aws-sdk:ssm' },
    });
  });

  test("Step Functions' own API has lower-case members, here in PascalCase too", async () => {
    const engine = new Engine();
    const child = await engine.create({ Done: { Type: 'Succeed' } });
    const { result } = await engine.run({
      Start: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:sfn:startExecution',
        Arguments: { StateMachineArn: child, Name: 'child', Input: { a: 1 } },
        End: true,
      },
    });
    expect(engine.calls[0]).toMatchObject({
      service: 'states',
      input: { stateMachineArn: child, name: 'child', input: '{"a":1}' },
    });
    expect(result).toEqual({
      ExecutionArn: expect.stringContaining(':execution:machine-1:child'),
      StartDate: expect.stringMatching(/Z$/),
    });
  });

  test.each([
    [
      'ssm:getCommandInvocation',
      'ssm:GetCommandInvocation',
      new AwsError('InvocationDoesNotExist', 'x'),
      'Ssm.InvocationDoesNotExistException',
    ],
    [
      'ssm:getCommandInvocation',
      'ssm:GetCommandInvocation',
      new AwsError('AccessDeniedException', 'x'),
      'Ssm.SsmException',
    ],
    ['ssm:getCommandInvocation', 'ssm:GetCommandInvocation', new AwsError('SomethingNew', 'x'), 'Ssm.SsmException'],
    [
      'sfn:describeExecution',
      'states:DescribeExecution',
      new AwsError('ExecutionDoesNotExist', 'x'),
      'Sfn.ExecutionDoesNotExistException',
    ],
    [
      'dynamodb:describeLimits',
      'dynamodb:DescribeLimits',
      new AwsError('ValidationException', 'x'),
      'DynamoDb.DynamoDbException',
    ],
    [
      'ec2:describeInstances',
      'ec2:DescribeInstances',
      new AwsError('InvalidInstanceID.NotFound', 'x'),
      'Ec2.Ec2Exception',
    ],
    [
      'eventbridge:listRules',
      'events:ListRules',
      new AwsError('ResourceNotFoundException', 'x'),
      'EventBridge.ResourceNotFoundException',
    ],
  ])('%s: %s answering %s is %s', async (integration, action, thrown, expected) => {
    const engine = new Engine({
      [action]: () => {
        throw thrown;
      },
    });
    const given: Record<string, object> = {
      'ssm:getCommandInvocation': { CommandId: 'c'.repeat(36), InstanceId: 'i-1' },
      'sfn:describeExecution': { ExecutionArn: 'arn:aws:states:eu-central-1:000000000000:execution:m:x' },
    };
    const { error, cause } = await engine.run({
      Ask: {
        Type: 'Task',
        Resource: `arn:aws:states:::aws-sdk:${integration}`,
        Arguments: given[integration] ?? {},
        End: true,
      },
    });
    expect(error).toBe(expected);
    expect(cause).toMatch(
      new RegExp(
        `^x \\(Service: ${expected.split('.')[0]}, Status Code: 400, Request ID: [0-9a-f-]+\\) \\(SDK Attempt Count: 1\\)$`,
      ),
    );
  });

  test('a field that the API does not have, seen only when it runs', async () => {
    const engine = new Engine();
    const { error, cause, events } = await engine.run({
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:ssm:listCommands',
        Arguments: '{% {"Comand": "x"} %}',
        End: true,
      },
    });
    expect(error).toBe('States.Runtime');
    expect(cause).toContain("The field 'Comand' is not supported by Step Functions");
    expect(engine.calls).toEqual([]);
    expect(lines(events)).toEqual(['1 0 ExecutionStarted', '2 0 TaskStateEntered', '3 2 ExecutionFailed']);
  });
});

describe('other optimised integrations', () => {
  test('dynamodb: a condition that fails has its name', async () => {
    const engine = new Engine({
      'dynamodb:PutItem': () => {
        throw new AwsError('ConditionalCheckFailedException', 'The conditional request failed');
      },
    });
    const { error, cause } = await engine.run({
      Hold: {
        Type: 'Task',
        Resource: 'arn:aws:states:::dynamodb:putItem',
        Arguments: {
          TableName: 't',
          Item: { cluster: { S: 'demo' } },
          ConditionExpression: 'attribute_not_exists(cluster)',
        },
        End: true,
      },
    });
    expect(error).toBe('DynamoDB.ConditionalCheckFailedException');
    expect(cause).toMatch(
      /^The conditional request failed \(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ConditionalCheckFailedException; /,
    );
  });

  test('sns and sqs write JSON messages as text', async () => {
    const engine = new Engine({
      'sns:Publish': () => ({ MessageId: 'm1' }),
      'sqs:SendMessage': () => ({ MessageId: 'm2' }),
    });
    const { result } = await engine.run({
      Publish: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sns:publish',
        Arguments: { TopicArn: 't', Message: { a: 1 } },
        Next: 'Send',
      },
      Send: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage',
        Arguments: { QueueUrl: 'q', MessageBody: 'plain' },
        End: true,
      },
    });
    expect(engine.calls.map(({ input }) => input)).toEqual([
      { TopicArn: 't', Message: '{"a":1}' },
      { QueueUrl: 'q', MessageBody: 'plain' },
    ]);
    expect(result).toMatchObject({ MessageId: 'm2' });
  });

  const putEvents = {
    Tell: {
      Type: 'Task',
      Resource: 'arn:aws:states:::events:putEvents',
      Arguments: { Entries: [{ Source: 's', DetailType: 'd', EventBusName: 'b', Detail: { n: 1 } }] },
      End: true,
    },
  };

  test('events: details as text, and the execution and its machine as resources', async () => {
    const engine = new Engine({ 'events:PutEvents': () => ({ FailedEntryCount: 0, Entries: [{ EventId: 'e1' }] }) });
    const { result, executionArn, stateMachineArn } = await engine.run(putEvents);
    expect(engine.calls[0]!.input).toEqual({
      Entries: [
        {
          Source: 's',
          DetailType: 'd',
          EventBusName: 'b',
          Detail: '{"n":1}',
          Resources: [executionArn, stateMachineArn],
        },
      ],
    });
    expect(result).toEqual({ FailedEntryCount: 0, Entries: [{ EventId: 'e1' }] });
  });

  test('events: one refused entry fails the task', async () => {
    const engine = new Engine({
      'events:PutEvents': () => ({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'MalformedDetail' }] }),
    });
    const { error, cause } = await engine.run(putEvents);
    expect(error).toBe('EventBridge.FailedEntry');
    expect(JSON.parse(cause!)).toEqual({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'MalformedDetail' }] });
  });
});

describe('time limits', () => {
  test('TimeoutSeconds, given by an expression', async () => {
    const engine = new Engine({ 'lambda:Invoke': () => new Promise(() => undefined) });
    const { status, error, cause, events } = await engine.run(
      { Slow: { ...invoke, TimeoutSeconds: '{% $states.input.limit %}' } },
      { limit: 1 },
    );
    expect({ status, error, cause }).toEqual({ status: 'FAILED', error: 'States.Timeout' });
    expect(lines(events).slice(2)).toEqual([
      '3 2 TaskScheduled',
      '4 3 TaskStarted',
      '5 4 TaskTimedOut',
      '6 5 ExecutionFailed',
    ]);
    expect(events[2]).toMatchObject({ taskScheduledEventDetails: { timeoutInSeconds: 1 } });
    expect(events[4]!.taskTimedOutEventDetails).toEqual({
      error: 'States.Timeout',
      resource: 'invoke',
      resourceType: 'lambda',
    });
  });

  test('of the whole execution', async () => {
    const engine = new Engine();
    const { status, error, events } = await engine.run(
      { Nap: { Type: 'Wait', Seconds: 60, End: true } },
      {},
      { TimeoutSeconds: 1 },
    );
    expect({ status, error }).toEqual({ status: 'TIMED_OUT' });
    expect(lines(events)).toEqual(['1 0 ExecutionStarted', '2 0 WaitStateEntered', '3 0 ExecutionTimedOut']);
  });
});

test('Output and Assign of a task see its result; a failing Output follows its success', async () => {
  const engine = new Engine(lambdas({ greet: () => ({ a: 1 }) }));
  const { events } = await engine.run({ Greet: { ...invoke, Output: '{% $states.result.Payload.b %}' } });
  expect(lines(events).slice(4)).toEqual(['5 4 TaskSucceeded', '6 5 EvaluationFailed', '7 6 ExecutionFailed']);
  expect(eventOf(events, 'EvaluationFailed').evaluationFailedEventDetails).toMatchObject({ location: 'Output' });
});
