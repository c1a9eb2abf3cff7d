/** What EC2 says about an instance, as far as it matters here. */
export interface Instance {
  instanceId: string;
  /** pending, running, stopping, stopped. */
  state: string;
  privateIp?: string | undefined;
  privateDnsName?: string | undefined;
  tags: Record<string, string>;
}

/** What SSM says about a managed instance. */
export interface Registration {
  instanceId: string;
  /** Online, ConnectionLost or Inactive. */
  ping: string;
  /** ISO 8601. */
  lastPing?: string | undefined;
  agentVersion: string;
  platform?: string | undefined;
}
