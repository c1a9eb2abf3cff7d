import type { RenewalRow } from '../../contracts/renewal';
import type { ClusterFacts, UpgradeControlPlaneFacts } from '../../contracts/upgrade-facts';
import type { ComponentRow } from '../../contracts/upgrade-outcomes';
import { firstThatFit } from '../../domain/first-that-fit';
import type { Answer } from '../../domain/nodes/answers';
import { tagOf } from '../../domain/upgrade/core-dns';
import type { ToldCluster } from '../../domain/upgrade/cluster-as-told';

/** Each: a state holds 256 KiB, which the report shares with its plan and its rows of nodes. */
const MOST_BYTES = 30_000;

/** Versions of the static pods of each control plane, then of the addons. */
export function componentRows(before: ToldCluster, after: ToldCluster): ComponentRow[] {
  const rows = pairs(before, after).flatMap(({ node, was, is }) =>
    is.components.map(({ name, version }) =>
      row(name, was?.components.find((one) => one.name === name)?.version, version, node),
    ),
  );
  const [were, are] = [addonsOf(before.facts), addonsOf(after.facts)];
  return firstThatFit([...rows, ...[...are].map(([name, version]) => row(name, were.get(name), version))], MOST_BYTES);
}

/** kubeadm's certificates of each control plane that came through the upgrade: it renews those whose CA's key it finds. */
export function certificateRows(before: ToldCluster, after: ToldCluster): RenewalRow[] {
  const rows = pairs(before, after).flatMap(({ node, was, is }) =>
    is.certificates.map(({ name, ...now }) => ({
      ...{ node, certificate: name },
      before: dates(was?.certificates.find((one) => one.name === name)),
      after: dates(now),
    })),
  );
  return firstThatFit(rows, MOST_BYTES);
}

interface Pair {
  node: string;
  was: UpgradeControlPlaneFacts | undefined;
  is: UpgradeControlPlaneFacts;
}

function pairs(before: ToldCluster, after: ToldCluster): Pair[] {
  const factsOf = ({ controlPlanes }: ToldCluster, { instanceId }: Answer<unknown>) =>
    controlPlanes.find((one) => one.instanceId === instanceId)?.value.controlPlane;
  return after.controlPlanes.flatMap((one) => {
    const is = one.value.controlPlane;
    return is ? [{ node: one.name, was: factsOf(before, one), is }] : [];
  });
}

function addonsOf(facts: ClusterFacts | undefined): Map<string, string | undefined> {
  if (!facts) return new Map();
  const { kubeProxy, coreDns } = facts;
  return new Map([
    ...(kubeProxy.daemonSet ? [['kube-proxy', kubeProxy.version] as const] : []),
    ...coreDns.deployments.map(({ name, image }) => [name, tagOf(image).replace(/^v(?=\d)/, '')] as const),
  ]);
}

const row = (
  component: string,
  before: string | undefined,
  after: string | undefined,
  node?: string,
): ComponentRow => ({
  ...(node !== undefined && { node }),
  component,
  ...(before !== undefined && { before }),
  ...(after !== undefined && { after }),
});

const dates = ({ serial, notAfter }: { serial?: string | undefined; notAfter?: string | undefined } = {}) => ({
  ...(serial !== undefined && { serial }),
  ...(notAfter !== undefined && { notAfter }),
});
