import type { FoundKubelets } from '../../contracts/find-kubelets';
import type { ClusterNode, NamedInstance } from '../../contracts/node';
import { MOST_INSTANCES, OLDEST_AGENT } from '../../contracts/run-on-nodes';
import { isOlder } from '../../domain/nodes/instance';
import type { Instance, Registration } from '../../domain/nodes/instance';
import { whyUnreachable } from '../../domain/nodes/instance';

const MOST_UNREACHABLE = 50;

/** Workers that can be asked, at most 50 together; those that cannot, with the reason. */
export function groupWorkers(
  workers: ClusterNode[],
  instances: Instance[],
  registrations: Registration[],
): FoundKubelets {
  const instanceOf = new Map(instances.map((instance) => [instance.instanceId, instance]));
  const registrationOf = new Map(registrations.map((registration) => [registration.instanceId, registration]));
  const asked: NamedInstance[] = [];
  const unreachable: FoundKubelets['unreachable'] = [];
  for (const { instanceId, name } of workers) {
    const reason = whyNotAsked(instanceOf.get(instanceId), registrationOf.get(instanceId));
    if (reason === undefined) asked.push({ instanceId, name });
    else unreachable.push({ name, reason });
  }
  return {
    groups: Array.from({ length: Math.ceil(asked.length / MOST_INSTANCES) }, (_, index) => ({
      nodes: asked.slice(index * MOST_INSTANCES, (index + 1) * MOST_INSTANCES),
    })),
    unreachable: unreachable.slice(0, MOST_UNREACHABLE),
    moreUnreachable: Math.max(0, unreachable.length - MOST_UNREACHABLE),
  };
}

function whyNotAsked(instance: Instance | undefined, registration: Registration | undefined): string | undefined {
  if (!instance) return 'EC2 no longer knows it';
  const unreachable = whyUnreachable(instance, registration);
  if (unreachable !== undefined) return unreachable;
  const version = registration?.agentVersion ?? '';
  return isOlder(version, OLDEST_AGENT)
    ? `its SSM agent is ${version || 'of no known version'}, at least ${OLDEST_AGENT} is needed: update it`
    : undefined;
}
