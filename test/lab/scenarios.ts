/** A file of this folder, NAME.lab.ts. Its clusters are called NAME or NAME-something: so they are found when it has to be ended. */
export interface Scenario {
  name: string;
  /** After that it is killed. Several times what it takes on two cores with two others beside it. */
  limitMinutes: number;
  /** Why it is in the small set, which `.ci/run` runs: one for each operation, and what protects the lab itself at little cost. */
  small?: string;
}

/** Whether a cluster of this name is the scenario's, and not that of one whose own name goes further, as upgrade-ha goes further than upgrade. */
export function isClusterOf(scenario: string, cluster: string): boolean {
  const mayOwn = (name: string): boolean => cluster === name || cluster.startsWith(`${name}-`);
  return mayOwn(scenario) && !SCENARIOS.some(({ name }) => name.length > scenario.length && mayOwn(name));
}

/** In the order in which they begin: the longest first. */
export const SCENARIOS: Scenario[] = [
  { name: 'upgrade-ha', limitMinutes: 45 },
  { name: 'upgrade-by-hand', limitMinutes: 60 },
  { name: 'created-cluster', limitMinutes: 60 },
  { name: 'create-by-hand', limitMinutes: 30 },
  { name: 'upgrade-faults', limitMinutes: 50 },
  { name: 'upgrade-broken', limitMinutes: 50 },
  { name: 'one-control-plane', limitMinutes: 30 },
  { name: 'dead', limitMinutes: 30 },
  { name: 'faults', limitMinutes: 40 },
  {
    name: 'operations',
    limitMinutes: 15,
    small:
      'check-certificates and renew-certificates, one execution each, on three control planes behind a load balancer that is probed',
  },
  {
    name: 'upgrade',
    limitMinutes: 25,
    small: 'upgrade to the next minor, one execution, on a control plane and a worker',
  },
  {
    name: 'create',
    limitMinutes: 15,
    small:
      'create-cluster, one execution, of a control plane and a worker that are bare machines; then join-node of another',
  },
  {
    name: 'reconfigure',
    limitMinutes: 30,
    small: 'reconfigure, one execution, of a control plane and a worker; and configurations that do not work, put back',
  },
  { name: 'slack', limitMinutes: 40 },
  { name: 'replace', limitMinutes: 30 },
  { name: 'external-etcd', limitMinutes: 25 },
  { name: 'remove', limitMinutes: 20 },
  { name: 'killed', limitMinutes: 25 },
  { name: 'side-by-side', limitMinutes: 20 },
  { name: 'certificates-elsewhere', limitMinutes: 20 },
  { name: 'restore', limitMinutes: 15 },
  { name: 'rejoin', limitMinutes: 15 },
  { name: 'packages', limitMinutes: 10, small: 'nodes install and upgrade Kubernetes as documented; no cluster' },
  { name: 'reboot', limitMinutes: 10, small: 'a script that reboots its node goes on after it; no cluster' },
];

/** The arguments of `npm run test:lab`: scenarios by name, or --all; what Jest is given follows, from the first other option on. */
export interface Choice {
  scenarios: Scenario[];
  jestOptions: string[];
}

/** @throws RangeError in one sentence when a scenario is unknown */
export function chooseScenarios(args: string[]): Choice {
  const end = args.findIndex((argument) => argument.startsWith('-') && argument !== '--all');
  const [words, jestOptions] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end)];
  if (words.includes('--all')) {
    if (words.length > 1) throw new RangeError(`Expected --all or names of scenarios, got both: ${words.join(' ')}.`);
    return { scenarios: SCENARIOS, jestOptions };
  }
  if (words.length === 0) return { scenarios: SCENARIOS.filter(({ small }) => small !== undefined), jestOptions };
  const unknown = words.find((word) => !SCENARIOS.some(({ name }) => name === word));
  if (unknown !== undefined) {
    const names = SCENARIOS.map(({ name }) => name).join(', ');
    throw new RangeError(`There is no scenario "${unknown}": expected --all or some of ${names}.`);
  }
  return { scenarios: SCENARIOS.filter(({ name }) => words.includes(name)), jestOptions };
}
