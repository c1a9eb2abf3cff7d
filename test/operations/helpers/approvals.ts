import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { ApiClient } from '../../../cli/api/client';
import { APPROVABLE } from '../../../lambdas/contracts/approval-settings';
import type { ApprovalStatus } from '../../../lambdas/contracts/api/operations';
import { apiOf } from '../../helpers/api';
import type { Loose, World } from './world';

/** Roles that may call every route of the API; each but Mallory's is a person's. */
const ROLES = ['Alice', 'Bob', 'Carol', 'Mallory'] as const;
type Role = (typeof ROLES)[number];
const roleArn = (role: Role): `arn:${string}` => `arn:aws:iam::000000000000:role/${role}`;
export const sessionArn = (role: Role) => `arn:aws:sts::000000000000:assumed-role/${role}/laptop`;

const PEOPLE = ROLES.slice(0, 3).map((role) => ({ name: role.toLowerCase(), iam: [roleArn(role)] }));

/** For World.startScripted. */
export function addRoles(template: Loose): void {
  for (const role of ROLES)
    template.Resources[role] = {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: role,
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Principal: { AWS: '000000000000' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [
          {
            PolicyName: 'api',
            PolicyDocument: {
              Statement: [
                {
                  Effect: 'Allow',
                  Action: 'execute-api:Invoke',
                  Resource: { 'Fn::Sub': 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:*/*' },
                },
              ],
            },
          },
        ],
      },
    };
}

/** The API as this role calls it. */
export const as = (world: World, role: Role): Promise<ApiClient> =>
  apiOf(world, world.aws.assumeRole(roleArn(role), 'laptop'));

/** The states that only an operation which needs approval enters. */
export const isApproval = (state: string): boolean => / approval/.test(state);

/** Settings that want approval, as `cdk deploy` writes them. */
export async function wantApproval(world: World, cluster: string, approval: object = {}, more: object = {}) {
  const settings = {
    ...{ cluster, people: PEOPLE },
    approval: {
      operations: APPROVABLE,
      approvers: ['alice', 'bob', 'carol'],
      ...{ hours: 1, ...approval },
    },
    ...more,
  };
  await world.ssm.send(
    new PutParameterCommand({
      ...{ Name: `/kubeadm-autopilot/clusters/${cluster}`, Value: JSON.stringify(settings) },
      ...{ Type: 'String', Overwrite: true },
    }),
  );
}

/** Lets time pass until the operation waits, and tells for what. */
export async function waiting(world: World, api: ApiClient, id: string): Promise<ApprovalStatus> {
  let approval: ApprovalStatus | undefined;
  await world.passUntil(async () => {
    const { current, status, approval: told, cause } = await api.call('describeOperation', { parameters: { id } });
    if (status !== 'RUNNING') throw new Error(`${id} does not wait, it is ${status}: ${cause ?? ''}`);
    approval = told;
    return current.includes('Wait for approval');
  });
  return approval!;
}
