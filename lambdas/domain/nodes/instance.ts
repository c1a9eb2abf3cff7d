import { OLDEST_AGENT } from '../../contracts/run-on-nodes';

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

/** Why Run Command would not reach an instance, as half a sentence; undefined when it would. */
export function whyUnreachable(instance: Instance, registration: Registration | undefined): string | undefined {
  if (instance.state !== 'running') return `the instance is ${instance.state}, expected running: start it`;
  if (!registration) {
    return 'it is not registered with SSM: check that the agent runs, that its instance profile has AmazonSSMManagedInstanceCore and that it reaches the endpoints ssm and ssmmessages';
  }
  if (registration.ping !== 'Online') {
    const since = registration.lastPing ? ` since ${registration.lastPing}` : '';
    return `its SSM agent is lost${since} (${registration.ping}): restart amazon-ssm-agent or look at its network`;
  }
  if (registration.platform !== undefined && registration.platform !== 'Linux')
    return `it runs ${registration.platform}, expected Linux`;
  return undefined;
}

/** As whyUnreachable; an agent that is too old for our documents counts too. */
export function whyNotAsked(instance: Instance, registration: Registration | undefined): string | undefined {
  const unreachable = whyUnreachable(instance, registration);
  if (unreachable !== undefined) return unreachable;
  const version = registration?.agentVersion ?? '';
  return isOlder(version, OLDEST_AGENT)
    ? `its SSM agent is ${version || 'of no known version'}, at least ${OLDEST_AGENT} is needed: update it`
    : undefined;
}

/** Whether an agent version is older than another, part by part as numbers: 3.3.987.0 is older than 3.3.2746.0. */
export function isOlder(version: string, than: string): boolean {
  const parts = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const [left, right] = [parts(version), parts(than)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
