import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { API_PARAMETER } from '../../lambdas/contracts/api/routes';
import { CliError, EXIT } from '../exit';
import { ApiClient } from './client';

/**
 * Finds the API: at AUTOPILOT_ENDPOINT, else where the deployment says that it is. Region and credentials are those that every AWS tool
 * uses; AWS_ENDPOINT_URL leads to a local AWS.
 * @throws CliError
 */
export async function connect(env: NodeJS.ProcessEnv = process.env): Promise<ApiClient> {
  const ssm = new SSMClient({ maxAttempts: 3 });
  try {
    const region = await ssm.config.region();
    const endpoint = env['AUTOPILOT_ENDPOINT'] || (await deployedAt(ssm, region));
    if (!URL.canParse(endpoint))
      throw new CliError(EXIT.usage, `AUTOPILOT_ENDPOINT is "${endpoint}", expected a URL.`, 'Correct it.');
    return new ApiClient({ endpoint, region, credentials: ssm.config.credentials });
  } catch (error) {
    throw error instanceof CliError ? error : describe(error as Error);
  } finally {
    ssm.destroy();
  }
}

async function deployedAt(ssm: SSMClient, region: string): Promise<string> {
  try {
    const { Parameter: parameter } = await ssm.send(new GetParameterCommand({ Name: API_PARAMETER }));
    return parameter?.Value ?? '';
  } catch (error) {
    if (!(error instanceof ParameterNotFound)) throw error;
    throw new CliError(
      EXIT.unreachable,
      `There is no deployment of kubeadm-autopilot in ${region} of this account (no parameter ${API_PARAMETER}).`,
      'Set AWS_REGION or AWS_PROFILE to where it is, or AUTOPILOT_ENDPOINT to its address.',
      'NotDeployed',
    );
  }
}

function describe(error: Error): CliError {
  if (/region/i.test(error.message))
    return new CliError(
      EXIT.forbidden,
      'No AWS region is set.',
      'Set AWS_REGION, or a region in your profile.',
      'NoRegion',
    );
  if (/credential|token/i.test(`${error.name} ${error.message}`))
    return new CliError(
      EXIT.forbidden,
      `There are no AWS credentials: ${sentence(error)}`,
      'Log in first.',
      'NoCredentials',
    );
  if (/AccessDenied/.test(error.name))
    return new CliError(
      EXIT.forbidden,
      `These credentials may not read the parameter ${API_PARAMETER}.`,
      'Allow ssm:GetParameter on it, or set AUTOPILOT_ENDPOINT.',
      'Forbidden',
    );
  return new CliError(
    EXIT.unreachable,
    `AWS Systems Manager does not answer: ${sentence(error)}`,
    'Check the network.',
    'Unreachable',
  );
}

const sentence = ({ message }: Error): string => message.replace(/\.?$/, '.');
