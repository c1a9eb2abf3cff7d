import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { REGION } from '../../aws/aws-call';

/**
 * What scripts/lib/secrets do: reads the URL as the role of the node's instance profile, and uploads. Without a local AWS (the environment says where
 * it is) nothing is uploaded. @throws Error where the URL cannot be read, or is not taken
 */
export async function uploadArchive(
  { secret, body }: { secret: string; body: string },
  env: Record<string, string>,
): Promise<void> {
  const { AWS_ENDPOINT_URL: endpoint, AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata } = env;
  if (endpoint === undefined || metadata === undefined) return;
  const ssm = new SSMClient({ endpoint, region: REGION, credentials: await credentialsFrom(metadata) });
  try {
    const { Parameter: parameter } = await ssm.send(new GetParameterCommand({ Name: secret, WithDecryption: true }));
    const answer = await fetch(parameter!.Value!, { method: 'PUT', body });
    if (!answer.ok) throw new Error(`S3 did not take the archive: ${answer.status} ${await answer.text()}`);
  } finally {
    ssm.destroy();
  }
}

/** Of the role, from the instance metadata service, version 2. */
async function credentialsFrom(metadata: string) {
  const url = `${metadata}/latest`;
  const token = await text(`${url}/api/token`, {
    method: 'PUT',
    headers: { 'X-aws-ec2-metadata-token-ttl-seconds': '60' },
  });
  const headers = { 'X-aws-ec2-metadata-token': token };
  const roles = `${url}/meta-data/iam/security-credentials/`;
  const found = JSON.parse(await text(roles + (await text(roles, { headers })), { headers })) as Record<string, string>;
  return {
    accessKeyId: found['AccessKeyId']!,
    secretAccessKey: found['SecretAccessKey']!,
    sessionToken: found['Token']!,
  };
}

const text = async (url: string, options: RequestInit): Promise<string> => (await fetch(url, options)).text();
