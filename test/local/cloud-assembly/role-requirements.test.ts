import { Iam } from '../../../local/iam/iam';
import { assertRoleMeets, ROLE_REQUIREMENTS } from '../../../local/iam/role-requirements';
import { LocalAws } from '../../../local/local-aws';
import type { Resources } from './write-assembly';
import { lambdaFunction, role, writeAssembly } from './write-assembly';

type Name = keyof typeof ROLE_REQUIREMENTS;
const allow = (name: Name, but?: string) => ({
  Effect: 'Allow',
  Action: ROLE_REQUIREMENTS[name].actions.filter((action) => action !== but),
  Resource: ROLE_REQUIREMENTS[name].resource,
});

/** Deploys one resource under a role with these statements. @returns why that failed, or 'deployed'. */
async function deploy(resource: Resources[string], service: string, statements: object[]): Promise<string> {
  const Resources = { Role: role(service, statements), It: resource };
  const cloudAssembly = writeAssembly({ Resources }, { fn: 'exports.handler = async () => 1;' });
  try {
    await (await LocalAws.start({ cloudAssembly, nodes: [] })).stop();
    return 'deployed';
  } catch (error) {
    return (error as Error).message;
  }
}
const tracing = (Mode: string) => lambdaFunction('fn', 'Role', { TracingConfig: { Mode } });
const machine = (state: object, more: object = {}): Resources[string] => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    StateMachineName: 'm',
    RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
    DefinitionString: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'S', States: { S: state } }),
    ...more,
  },
});
const starting = (how: string) =>
  machine({
    Type: 'Task',
    Resource: `arn:aws:states:::states:startExecution${how}`,
    Arguments: { StateMachineArn: 'arn:aws:states:eu-central-1:000000000000:stateMachine:other' },
    End: true,
  });
const logging = (Level?: string) =>
  machine({ Type: 'Succeed' }, { LoggingConfiguration: { ...(Level && { Level }), Destinations: [] } });

describe.each<[Name, string, Resources[string], Resources[string], RegExp]>([
  [
    'functionTraces',
    'lambda.amazonaws.com',
    tracing('Active'),
    tracing('PassThrough'),
    /^It \(AWS::Lambda::Function\) could not be created: InvalidParameterValueException: The provided execution role does not have permissions to call PutTraceSegments on XRAY \(xray:PutTraceSegments is refused because no identity-based policy allows the xray:PutTraceSegments action\)\.$/,
  ],
  [
    'nestedExecutions',
    'states.amazonaws.com',
    starting('.sync:2'),
    starting(''),
    /^It \(AWS::StepFunctions::StateMachine\) could not be created: AccessDeniedException: 'arn:aws:iam::000000000000:role\/\S+' is not authorized to create managed-rule \(events:PutTargets is refused because/,
  ],
  [
    'executionLogs',
    'states.amazonaws.com',
    logging('ERROR'),
    logging(),
    /AccessDeniedException: The state machine IAM Role is not authorized to access the Log Destination \(logs:CreateLogDelivery is refused because/,
  ],
])('%s', (name, service, needing, notNeeding, refusal) => {
  test('refused at the deployment without, and created with', async () => {
    expect(await deploy(needing, service, [])).toMatch(refusal);
    expect(await deploy(needing, service, [allow(name)])).toBe('deployed');
    expect(await deploy(notNeeding, service, [])).toBe('deployed');
  });

  test.each(ROLE_REQUIREMENTS[name].actions)('without %s it is refused', (action) => {
    const iam = new Iam();
    const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } };
    const arn = iam.createRole('r', '/', { Statement: [trust] });
    iam.attach('r', { Statement: [allow(name, action)] }, 'p');
    expect(() => assertRoleMeets(iam, ROLE_REQUIREMENTS[name], arn)).toThrow(`${action} is refused`);
  });
});
