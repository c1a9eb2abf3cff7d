import { whyNoLab } from '../../local/nodes/lab/check-host';
import { DEFAULT_KUBERNETES } from '../../local/nodes/default-kubernetes';
import { buildLab, type BuildOptions } from '../../local/nodes/lab/lab-build';
import { defaultLabFolder } from '../../local/nodes/lab/lab-folder';
import { INSTALLED_FROM, INSTALLED_TO, KUBERNETES } from './helpers/kubernetes-version';
import { runScenario } from './run-scenario';
import { chooseScenarios } from './scenarios';
import type { Choice } from './scenarios';
import { closingLines, isToBeRunAgain, verdictOf } from './verdict';
import type { Attempt } from './verdict';

/** Clusters side by side do not disturb each other. One more than two cores take, because scenarios wait much of the time. */
const AT_ONCE = 3;
/** Scenarios whose clusters go to the next minor. */
const UPGRADES = ['upgrade', 'upgrade-ha', 'upgrade-faults', 'upgrade-broken', 'upgrade-by-hand', 'created-cluster'];

/**
 * `npm run test:lab`: the small set; `-- --all`: every scenario; `-- NAME...`: those. What follows from the first other option on goes to Jest.
 * Where there can be no lab, one line says why.
 */
async function main(args: string[]): Promise<number> {
  const choice = chooseScenarios(args);
  const reason = whyNoLab();
  if (reason) {
    console.log(`SKIPPED: the tests on real clusters were not run: ${reason}.`);
    return 0;
  }
  const stop = stopSignal();
  // Before all tests, because building takes minutes of both cores, and their limits are for clusters.
  const includes = (scenario: string) => choice.scenarios.some(({ name }) => name === scenario);
  const build = (version: string, options: BuildOptions) =>
    buildLab(defaultLabFolder(), version, { ...options, onProgress: (line) => console.log(line), signal: stop });
  await build(KUBERNETES.kubernetesVersion ?? DEFAULT_KUBERNETES, {
    packagesOf: includes('packages') ? [INSTALLED_FROM, INSTALLED_TO] : [],
  });
  if (UPGRADES.some(includes)) await build(INSTALLED_FROM, { imagesOf: [INSTALLED_TO] });
  const results = await runAll(choice, stop);
  for (const line of closingLines(results)) console.log(line);
  return [...results.values()].some((attempts) => verdictOf(attempts) === 'FAILED') ? 1 : 0;
}

/** Those that fail are run once more at the end, one by one, with nothing beside them. */
async function runAll({ scenarios, jestOptions }: Choice, stop: AbortSignal): Promise<Map<string, Attempt[]>> {
  const results = new Map(scenarios.map(({ name }) => [name, [] as Attempt[]]));
  const take = async (waiting: typeof scenarios): Promise<void> => {
    for (let next = waiting.shift(); next && !stop.aborted; next = waiting.shift())
      results.get(next.name)!.push(await runScenario(next, jestOptions, stop));
  };
  const waiting = [...scenarios];
  await Promise.all(Array.from({ length: AT_ONCE }, () => take(waiting)));
  const again = scenarios.filter(({ name }) => isToBeRunAgain(results.get(name)!));
  if (again.length > 0 && !stop.aborted)
    console.log(`Once more, from scratch: ${again.map(({ name }) => name).join(', ')}`);
  await take(again);
  return results;
}

/** Aborted when this process is told to end: then the build is ended, scenarios are killed and their clusters taken down first. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  return stop.signal;
}

main(process.argv.slice(2)).then(
  (exitCode) => (process.exitCode = exitCode),
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
