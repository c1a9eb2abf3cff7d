import type { SSMClient } from '@aws-sdk/client-ssm';
import { parseClusterConfig } from '../domain/parse-cluster-config';
import { readSettings } from './instances';

/** In which people read a cluster's times; UTC where its settings do not say. */
export async function timeZoneOf(client: SSMClient, cluster: string): Promise<string> {
  try {
    return parseClusterConfig(cluster, await readSettings(client, cluster)).certificates.timeZone;
  } catch {
    return 'UTC';
  }
}
