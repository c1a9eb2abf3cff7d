import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { ApiClient } from '../../cli/api/client';
import { API_PARAMETER } from '../../lambdas/contracts/api/routes';
import type { World } from '../operations/helpers/world';

/** Who the owner's credentials belong to. */
export const OWNER = 'arn:aws:iam::000000000000:user/local';
export const OWNERS_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** The API of a world's deployment, found as the command line finds it. */
export async function apiOf(
  world: World,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } = OWNERS_CREDENTIALS,
): Promise<ApiClient> {
  const { Parameter: parameter } = await world.ssm.send(new GetParameterCommand({ Name: API_PARAMETER }));
  return new ApiClient({ endpoint: parameter!.Value!, region: 'eu-central-1', credentials });
}
