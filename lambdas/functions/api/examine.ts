import type { Diagnosis, Examination, Freeze } from '../../contracts/api/clusters';
import type { CertificateReport } from '../../contracts/certificate-check';
import { CLUSTER_TAG, ROLE_TAG } from '../../contracts/cluster-config';
import type { ClusterNode } from '../../contracts/node';
import { MOST_INSTANCES, OLDEST_AGENT } from '../../contracts/run-on-nodes';
import type { TargetHealth } from '../../domain/load-balancer-turns';
import {
  classifyNodes,
  isOlder,
  whyUnreachable,
  type Instance,
  type Registration,
} from '../../domain/nodes/cluster-nodes';
import { knownMinors, MINORS } from '../../domain/hazards/hazards';
import { count, listNames } from '../../domain/text/plain-text';
import { dateIn } from '../../domain/text/time-left';
import { describeVersions, minorsOf, skewOf } from '../../domain/versions/cluster-versions';
import type { AutoScalingGroup } from './find-auto-scaling-groups';

/** A target group, with those of its targets that are control planes of this cluster. */
export interface ApiServerTargets {
  name: string;
  targets: TargetHealth[];
}

/** What AWS says about a cluster, and what its last check has found; nothing is run on its nodes. */
export interface Facts {
  cluster: string;
  timeZone: string;
  configured: boolean;
  instances: Instance[];
  registrations: Registration[];
  targets: ApiServerTargets[];
  autoScalingGroups: AutoScalingGroup[];
  freezes: Freeze[];
  /** Undefined where no check has succeeded yet. */
  check: Pick<CertificateReport, 'versions' | 'checkedAt'> | undefined;
}

/** The oldest minor that upgrade goes to. */
const OLDEST_TARGET = Number(MINORS[0]!.minor.split('.')[1]);

/** Whether the app can operate on this cluster, question by question. */
export function examine(facts: Facts): Examination {
  const nodes = classified(facts);
  const diagnoses = [
    ...(Array.isArray(nodes)
      ? [controlPlanes(facts, nodes), agents(facts, nodes), agentVersions(facts, nodes)]
      : [nodes]),
    instanceProfiles(facts),
    kubernetesVersions(facts),
    targetGroups(facts),
    autoScaling(facts),
    settings(facts),
    freezes(facts),
  ];
  return { cluster: facts.cluster, ready: diagnoses.every(({ outcome }) => outcome !== 'failed'), diagnoses };
}

const passed = (name: string, reason: string): Diagnosis => ({ name, outcome: 'passed', reason });
const warning = (name: string, reason: string, whatToDo: string): Diagnosis => ({
  ...{ name, outcome: 'warning', reason, whatToDo },
});
const failed = (name: string, reason: string, whatToDo: string): Diagnosis => ({
  ...{ name, outcome: 'failed', reason, whatToDo },
});

function classified({ cluster, instances }: Facts): ClusterNode[] | Diagnosis {
  if (instances.length === 0)
    return failed('tags', `No instance has the tag ${CLUSTER_TAG}=${cluster}.`, "Tag the cluster's instances.");
  const { nodes, mistagged } = classifyNodes(cluster, instances);
  if (!mistagged[0]) return nodes;
  return failed('tags', mistagged[0].problem, `Give each instance the tag ${ROLE_TAG} with one of these values.`);
}

function controlPlanes({ instances }: Facts, nodes: ClusterNode[]): Diagnosis {
  const of = (role: ClusterNode['role']) => nodes.filter((node) => node.role === role);
  const [controlPlanes, etcd] = [of('control-plane'), of('etcd')];
  const found = `${count(instances.length, 'instance')}: ${count(controlPlanes.length, 'control plane')}, ${count(of('worker').length, 'worker')}${etcd.length > 0 ? `, ${count(etcd.length, 'etcd node')}` : ''}`;
  if (controlPlanes.length === 0)
    return failed('tags', `${found}.`, `Tag the control planes with ${ROLE_TAG}=control-plane.`);
  if (controlPlanes.length + etcd.length > MOST_INSTANCES)
    return failed(
      'tags',
      `${found}; at most ${MOST_INSTANCES} can be asked.`,
      'Correct the tags of those that are workers.',
    );
  const members = etcd.length > 0 ? etcd : controlPlanes;
  if (members.length % 2 === 0)
    return warning(
      'tags',
      `${found}. An even number of etcd members survives no more failures than one less.`,
      'Check that every control plane is tagged, and none that is not one.',
    );
  return passed('tags', `${found}.`);
}

function agents({ instances, registrations }: Facts, nodes: ClusterNode[]): Diagnosis {
  const unreachable = nodes.flatMap((node) => {
    const why = whyUnreachable(instanceOf(instances, node)!, registrationOf(registrations, node));
    return why === undefined ? [] : [{ node, why }];
  });
  if (unreachable.length === 0)
    return passed(
      'agents',
      'Run Command reaches every node, so agents, roles and the endpoints ssm and ssmmessages work.',
    );
  const reason = `Run Command does not reach ${listNames(
    unreachable.map(({ node, why }) => `${node.name} (${why})`),
    3,
  )}.`;
  const whatToDo = 'Do what it says in brackets, then ask again.';
  const isControlPlane = unreachable.some(({ node }) => node.role !== 'worker');
  return (isControlPlane ? failed : warning)('agents', reason, whatToDo);
}

function agentVersions({ registrations }: Facts, nodes: ClusterNode[]): Diagnosis {
  const old = nodes.flatMap((node) => {
    const version = registrationOf(registrations, node)?.agentVersion;
    return version !== undefined && isOlder(version, OLDEST_AGENT) ? [`${node.name} (${version || 'unknown'})`] : [];
  });
  if (old.length === 0) return passed('agent versions', `Every registered SSM agent is ${OLDEST_AGENT} or newer.`);
  return failed(
    'agent versions',
    `SSM agents older than ${OLDEST_AGENT} leave parameters unset: ${listNames(old)}.`,
    'Update them with the document AWS-UpdateSSMAgent.',
  );
}

function instanceProfiles({ instances }: Facts): Diagnosis {
  const nameOf = ({ instanceId, tags }: Instance) => tags.Name ?? instanceId;
  const without = instances.filter(({ instanceProfile }) => instanceProfile === undefined).map(nameOf);
  if (without.length > 0)
    return failed(
      'instance profiles',
      `No instance profile on ${listNames(without)}.`,
      'Attach one with AmazonSSMManagedInstanceCore.',
    );
  const disabled = instances.filter(({ metadata }) => metadata === 'disabled').map(nameOf);
  if (disabled.length > 0)
    return failed(
      'instance profiles',
      `The instance metadata service is disabled on ${listNames(disabled)}.`,
      'Enable it, version 2.',
    );
  const roles = new Set(instances.map(({ instanceProfile = '' }) => instanceProfile.split('/').at(-1)));
  return passed('instance profiles', `Every instance has one: ${listNames([...roles].sort() as string[])}.`);
}

/** As the last check found them: whether upgrades and restarts can go by Kubernetes' own rules. */
function kubernetesVersions({ check, timeZone }: Facts): Diagnosis {
  const { versions, checkedAt = '' } = check ?? {};
  if (!versions)
    return warning(
      'versions',
      check ? 'No API server told the last check what runs.' : 'No check has looked at the cluster yet.',
      check ? 'Look at the API servers, then start check-certificates.' : 'Start check-certificates.',
    );
  const found = `${describeVersions(versions)} (${dateIn(checkedAt, timeZone)})`;
  const skew = skewOf(versions);
  if (skew.length > 0)
    return failed(
      'versions',
      `${found}: ${listNames(skew, 3)}.`,
      'Bring them within the version skew policy of Kubernetes first.',
    );
  const minor = minorsOf(versions).apiServer ?? 0;
  if (minor + 1 < OLDEST_TARGET)
    return warning(
      'versions',
      `${found}: upgrade knows the targets ${knownMinors()}, and the next minor of this cluster is none of them.`,
      'Upgrade it by hand to the minor before these.',
    );
  return passed('versions', `${found}.`);
}

function targetGroups({ targets }: Facts): Diagnosis {
  if (targets.length === 0)
    return passed('target groups', 'No control plane is in a target group: nothing to leave before a restart.');
  const unhealthy = targets.flatMap(({ name, targets: all }) =>
    all.filter(({ state }) => state !== 'healthy').map(({ id, state }) => `${id} in ${name} (${state})`),
  );
  if (unhealthy.length > 0)
    return warning(
      'target groups',
      `Not healthy: ${listNames(unhealthy)}.`,
      'Correct that first: a control plane leaves only where another one is healthy.',
    );
  return passed(
    'target groups',
    `All control planes are healthy in ${listNames(targets.map(({ name, targets: all }) => `${name} (${all.length})`))}.`,
  );
}

/** A termination hook only delays the end of a control plane, which may be the last one. */
function autoScaling({ instances, autoScalingGroups }: Facts): Diagnosis {
  const nameOf = (id: string) => instances.find(({ instanceId }) => instanceId === id)?.tags.Name ?? id;
  const open = autoScalingGroups.filter(({ retains, unprotected }) => !retains && unprotected.length > 0);
  if (open.length > 0)
    return warning(
      'auto scaling',
      `Auto Scaling may end control planes, also the last one: ${listNames(
        open.map(({ name, unprotected }) => `${listNames(unprotected.map(nameOf))} in ${name}`),
        3,
      )} without scale-in protection, and the group does not retain instances.`,
      'Protect them (aws autoscaling set-instance-protection --protected-from-scale-in), or let the group retain an instance whose termination hook is abandoned (its instance lifecycle policy); a termination hook alone delays the end, for 48 hours at most.',
    );
  if (autoScalingGroups.length === 0) return passed('auto scaling', 'No control plane is in an Auto Scaling group.');
  return passed(
    'auto scaling',
    `Auto Scaling ends no control plane by itself: ${listNames(
      autoScalingGroups.map(
        ({ name, retains }) => `${name} (${retains ? 'retains instances' : 'protected from scale-in'})`,
      ),
      3,
    )}.`,
  );
}

function settings({ cluster, configured }: Facts): Diagnosis {
  if (configured) return passed('settings', `clusters/${cluster}.yaml is deployed.`);
  return warning(
    'settings',
    `There is no clusters/${cluster}.yaml: defaults hold, and no schedule checks the certificates.`,
    'Write it and deploy again.',
  );
}

function freezes({ freezes: standing }: Facts): Diagnosis {
  const [first] = standing;
  if (!first) return passed('freeze', 'Nothing is frozen.');
  return warning('freeze', `Nothing that changes nodes may start: ${first.reason}.`, 'Unfreeze it once that is over.');
}

const instanceOf = (instances: Instance[], { instanceId }: ClusterNode) =>
  instances.find((instance) => instance.instanceId === instanceId);
const registrationOf = (registrations: Registration[], { instanceId }: ClusterNode) =>
  registrations.find((registration) => registration.instanceId === instanceId);
