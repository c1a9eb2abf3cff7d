import type { Instance, Registration } from './instance';

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
