import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import type { KubernetesSettings } from '../../contracts/kubernetes-settings';
import type { SettingChange } from '../../contracts/reconfigure';

/** The cluster's own configuration, as its ConfigMaps have it: YAML. */
export interface Recorded {
  clusterConfiguration: string;
  kubeletConfiguration: string;
}

export interface Desired extends Recorded {
  changes: SettingChange[];
  /** What the settings say and no running cluster can be given, half a sentence each. */
  immovable: string[];
}

type Fields = Record<string, unknown>;
interface Argument {
  name: string;
  value: string;
}

/** Names of static pods by their place in the settings and in ClusterConfiguration. */
export const COMPONENTS = {
  apiServer: 'kube-apiserver',
  controllerManager: 'kube-controller-manager',
  scheduler: 'kube-scheduler',
  etcd: 'etcd',
} as const;
type Component = keyof typeof COMPONENTS;

/** Flags that say who the cluster is: with another value its nodes would no longer find each other, or its objects would no longer fit. */
const IMMOVABLE_FLAGS: Record<Component, readonly string[]> = {
  apiServer: ['advertise-address', 'etcd-prefix', 'etcd-servers', 'secure-port', 'service-cluster-ip-range'],
  controllerManager: ['cluster-cidr', 'service-cluster-ip-range'],
  scheduler: [],
  etcd: [
    ...['advertise-client-urls', 'data-dir', 'initial-advertise-peer-urls', 'initial-cluster', 'initial-cluster-state'],
    ...['initial-cluster-token', 'listen-client-urls', 'listen-peer-urls', 'name'],
  ],
};

/**
 * Fields of the kubelet that pods which run do not survive, or without which it is another node. Source: Kubernetes, "Control CPU Management
 * Policies on the Node" (drain, and delete the state file), "Configuring a cgroup driver".
 */
const IMMOVABLE_KUBELET = [
  ...['cgroupDriver', 'clusterDNS', 'clusterDomain', 'containerRuntimeEndpoint', 'cpuManagerPolicy'],
  ...['memoryManagerPolicy', 'podCIDR', 'staticPodPath'],
];

// As YAML 1.1, which kubeadm reads: a text such as "yes" or "12:30" needs its quotes there.
const read = (text: string): Fields => (parse(text, { version: '1.1' }) as Fields | null) ?? {};
const write = (fields: Fields): string =>
  stringify(fields, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });

/** What the settings make of a cluster's configuration. What they do not name stays as it is. */
export function desiredConfiguration(recorded: Recorded, settings: KubernetesSettings): Desired {
  const cluster = read(recorded.clusterConfiguration);
  const kubelet = read(recorded.kubeletConfiguration);
  const wantedCluster = changedCluster(cluster, settings);
  const wantedKubelet = changedKubelet(kubelet, settings);
  return {
    clusterConfiguration: isDeepStrictEqual(cluster, wantedCluster)
      ? recorded.clusterConfiguration
      : write(wantedCluster),
    kubeletConfiguration: isDeepStrictEqual(kubelet, wantedKubelet)
      ? recorded.kubeletConfiguration
      : write(wantedKubelet),
    changes: [...clusterChanges(cluster, wantedCluster), ...fieldChanges('kubelet', kubelet, wantedKubelet)],
    immovable: [
      ...immovableCluster(cluster, wantedCluster, settings),
      ...immovableKubelet(kubelet, wantedKubelet, settings),
    ],
  };
}

function changedCluster(recorded: Fields, settings: KubernetesSettings): Fields {
  const isList = recorded.apiVersion !== 'kubeadm.k8s.io/v1beta3';
  const withArguments = (fields: Fields, args: Argument[] | undefined): Fields => {
    if (args === undefined) return fields;
    const { extraArgs: _before, ...others } = fields;
    if (args.length === 0) return others;
    return { ...others, extraArgs: isList ? args : Object.fromEntries(args.map(({ name, value }) => [name, value])) };
  };
  const fieldsOf = (place: string, fields: Fields = recorded) => (fields[place] ?? {}) as Fields;
  const { extraArgs, certSANs, certificateValidityPeriod, encryptionAlgorithm } = settings;
  const { certSANs: sansBefore, ...apiServer } = withArguments(fieldsOf('apiServer'), extraArgs.apiServer);
  const sans = certSANs ?? (sansBefore as string[] | undefined) ?? [];
  const etcd = fieldsOf('etcd');
  return {
    ...recorded,
    apiServer: { ...apiServer, ...(sans.length > 0 && { certSANs: sans }) },
    controllerManager: withArguments(fieldsOf('controllerManager'), extraArgs.controllerManager),
    scheduler: withArguments(fieldsOf('scheduler'), extraArgs.scheduler),
    ...(etcd.local !== undefined && {
      etcd: { ...etcd, local: withArguments(fieldsOf('local', etcd), extraArgs.etcd) },
    }),
    ...(certificateValidityPeriod && { certificateValidityPeriod: sameDuration(recorded, certificateValidityPeriod) }),
    ...(encryptionAlgorithm && { encryptionAlgorithm }),
  };
}

/** kubeadm writes 8760h as 8760h0m0s, which is no change. */
function sameDuration({ certificateValidityPeriod: before }: Fields, wanted: string): string {
  return typeof before === 'string' && secondsOf(before) === secondsOf(wanted) ? before : wanted;
}
const secondsOf = (duration: string): number =>
  [...duration.matchAll(/(\d+)(h|m|s)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * { h: 3600, m: 60, s: 1 }[unit as 'h' | 'm' | 's'],
    0,
  );

function changedKubelet(recorded: Fields, { kubelet, swap }: KubernetesSettings): Fields {
  return merged(recorded, { ...(swap === 'keep' && { failSwapOn: false }), ...kubelet });
}

/** Fields of maps one by one; null takes a field away. */
function merged(before: Fields, wanted: Fields): Fields {
  const result: Fields = { ...before };
  for (const [name, value] of Object.entries(wanted)) {
    if (value === null) delete result[name];
    else if (isFields(value) && isFields(before[name])) result[name] = merged(before[name], value);
    else result[name] = value;
  }
  return result;
}
const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Arguments of a component, whichever form its API version has. */
function argumentsOf(configuration: Fields, component: Component): Argument[] {
  const place = (configuration[component] ?? {}) as Fields;
  const { extraArgs } = (component === 'etcd' ? (place.local ?? {}) : place) as Fields;
  if (Array.isArray(extraArgs)) return extraArgs as Argument[];
  return Object.entries((extraArgs ?? {}) as Record<string, string>).map(([name, value]) => ({
    name,
    value: String(value),
  }));
}

function clusterChanges(before: Fields, after: Fields): SettingChange[] {
  const components = (Object.keys(COMPONENTS) as Component[]).flatMap((component) =>
    argumentChanges(COMPONENTS[component], argumentsOf(before, component), argumentsOf(after, component)),
  );
  const sans = (configuration: Fields) => ((configuration.apiServer as Fields | undefined)?.certSANs ?? []) as string[];
  const [sansBefore, sansAfter] = [sans(before), sans(after)];
  const certificate = (['certificateValidityPeriod', 'encryptionAlgorithm'] as const).flatMap((name) =>
    change('certificates', name, before[name], after[name]),
  );
  return [
    ...components,
    ...sansBefore.filter((name) => !sansAfter.includes(name)).map((from) => ({ where: 'certSANs', name: from, from })),
    ...sansAfter.filter((name) => !sansBefore.includes(name)).map((to) => ({ where: 'certSANs', name: to, to })),
    ...certificate,
  ];
}

/** Flags by name; one that is given several times has all its values in one. */
export function argumentChanges(where: string, before: Argument[], after: Argument[]): SettingChange[] {
  const values = (args: Argument[], name: string) => {
    const own = args.filter((argument) => argument.name === name).map(({ value }) => value);
    return own.length > 0 ? own.join(' ') : undefined;
  };
  const names = [...new Set([...before, ...after].map(({ name }) => name))];
  return names.flatMap((name) => change(where, name, values(before, name), values(after, name)));
}

/** Fields at any depth, by their path. */
function fieldChanges(where: string, before: Fields, after: Fields, path = ''): SettingChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [from, to] = [before[name], after[name]];
    if (isFields(from) && isFields(to)) return fieldChanges(where, from, to, `${path}${name}.`);
    return change(where, `${path}${name}`, from, to);
  });
}

function change(where: string, name: string, before: unknown, after: unknown): SettingChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return [
    {
      where,
      name,
      ...(before !== undefined && { from: text(before) }),
      ...(after !== undefined && { to: text(after) }),
    },
  ];
}

function immovableCluster(before: Fields, after: Fields, settings: KubernetesSettings): string[] {
  const networking = (before.networking ?? {}) as Record<string, string | undefined>;
  const fixed: [string, string | undefined, string][] = [
    ['endpoint', before.controlPlaneEndpoint as string | undefined, settings.endpoint],
    ['podSubnet', networking.podSubnet, settings.podSubnet],
    ['serviceSubnet', networking.serviceSubnet, settings.serviceSubnet],
    ['dnsDomain', networking.dnsDomain, settings.dnsDomain],
  ];
  const flags = (Object.keys(COMPONENTS) as Component[]).flatMap((component) =>
    argumentChanges(COMPONENTS[component], argumentsOf(before, component), argumentsOf(after, component))
      .filter(({ name }) => IMMOVABLE_FLAGS[component].includes(name))
      .map(({ name }) => `the flag ${name} of ${COMPONENTS[component]}`),
  );
  return [
    ...fixed
      .filter(([, is, wanted]) => is !== undefined && is !== wanted)
      .map(([name, is, wanted]) => `${name} is ${is}, not ${wanted}`),
    ...flags,
  ];
}

function immovableKubelet(before: Fields, after: Fields, { cgroupDriver }: KubernetesSettings): string[] {
  const is = before.cgroupDriver;
  return [
    ...(is !== undefined && is !== cgroupDriver ? [`cgroupDriver is ${String(is)}, not ${cgroupDriver}`] : []),
    ...IMMOVABLE_KUBELET.filter((name) => !isDeepStrictEqual(before[name], after[name])).map(
      (name) => `${name} of the kubelet`,
    ),
  ];
}
