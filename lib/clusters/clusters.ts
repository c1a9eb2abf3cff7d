import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import { clusterConfig } from '../../lambdas/contracts/cluster-config';
import { OPERATIONS } from '../../lambdas/contracts/operation';
import { mistakesInApproval } from './approval-mistakes';
import { inOneSentence, requestMissing } from './cluster-mistakes';
import { withConfiguration } from './configuration-file';
import { mistakesInKubernetes } from './kubernetes-mistakes';
import { mistakesInWindow } from './maintenance-window';
import { mistakeInSchedule } from './schedule-expression';
import { YamlFile } from './yaml-file';

/** Every mistake in the clusters' YAML files, one sentence a line: file, line, what was got, what is allowed. */
export class InvalidClusters extends Error {
  constructor(readonly mistakes: string[]) {
    super(mistakes.join('\n'));
    this.name = 'InvalidClusters';
  }
}

/**
 * Reads `folder`/*.yaml, one cluster a file, and fills in the defaults. A folder without any is fine: every operation can be started
 * for a cluster that has no file.
 * @throws InvalidClusters
 */
export function readClusters(folder: string): ClusterConfig[] {
  if (!existsSync(folder))
    throw new InvalidClusters([`${folder} does not exist: it has to be a folder with one YAML file a cluster.`]);
  const mistakes: string[] = [];
  const clusters: ClusterConfig[] = [];
  const fileOf = new Map<string, string>();
  for (const name of readdirSync(folder).sort()) {
    const path = relative('', join(folder, name));
    if (name.endsWith('.yml')) mistakes.push(`${path}:1: the file's name must end with .yaml.`);
    if (!name.endsWith('.yaml')) continue;
    const { config, mistakes: found } = readCluster(path);
    mistakes.push(...found);
    if (!config) continue;
    const first = fileOf.get(config.cluster);
    if (first)
      mistakes.push(`${path}:1: cluster "${config.cluster}" has a file already, ${first}: a cluster has one file.`);
    fileOf.set(config.cluster, path);
    clusters.push(config);
  }
  if (mistakes.length) throw new InvalidClusters(mistakes);
  return clusters;
}

function readCluster(path: string): { config?: ClusterConfig; mistakes: string[] } {
  const file = new YamlFile(path, readFileSync(path, 'utf8'));
  if (file.syntaxErrors.length) return { mistakes: file.syntaxErrors };
  const beside = withConfiguration(file);
  const { config, mistakes } = checkCluster(file, beside.value);
  mistakes.push(...beside.mistakes);
  const nameOfFile = basename(path, '.yaml');
  if (config && config.cluster !== nameOfFile)
    mistakes.push(
      `${file.at(['cluster'])}: cluster is "${config.cluster}"; it must be the file's name, "${nameOfFile}".`,
    );
  return { ...(config && { config }), mistakes: byLine(mistakes) };
}

/** The settings of a cluster with their defaults, and every mistake in them, a sentence each. */
export function checkCluster(file: YamlFile, value = file.value): { config?: ClusterConfig; mistakes: string[] } {
  const parsed = clusterConfig.safeParse(value, { error: requestMissing });
  if (!parsed.success) return { mistakes: parsed.error.issues.flatMap((issue) => inOneSentence(issue, file)) };
  return { config: parsed.data, mistakes: otherMistakes(parsed.data, file) };
}

/** What the schema does not know: schedules and time zones that AWS would refuse. */
function otherMistakes(config: ClusterConfig, file: YamlFile): string[] {
  const { certificates, etcdBackup, chat, maintenance } = config;
  const mistakes = [...mistakesInApproval(config, file), ...mistakesInKubernetes(config, file)];
  for (const [part, schedule] of Object.entries({
    certificates: certificates.schedule,
    etcdBackup: etcdBackup.schedule,
  })) {
    const mistake = schedule === undefined ? undefined : mistakeInSchedule(schedule);
    if (mistake) mistakes.push(`${file.at([part, 'schedule'])}: ${part}.schedule is "${schedule}"; it ${mistake}.`);
  }
  if (!isTimeZone(certificates.timeZone)) {
    mistakes.push(
      `${file.at(['certificates', 'timeZone'])}: certificates.timeZone is "${certificates.timeZone}"; it must be an IANA name such as Europe/Berlin or UTC.`,
    );
  }
  for (const [index, window] of maintenance.windows.entries()) {
    for (const [field, mistake] of mistakesInWindow(window)) {
      const path = ['maintenance', 'windows', index, field];
      mistakes.push(`${file.at(path)}: ${path.join('.')} is "${window[field]}"; it ${mistake}.`);
    }
  }
  for (const [index, { operations = [] }] of chat.rights.entries()) {
    const path = ['chat', 'rights', index, 'operations'];
    for (const name of operations.filter((one) => !(OPERATIONS as readonly string[]).includes(one)))
      mistakes.push(`${file.at(path)}: ${path.join('.')} has "${name}"; it must be one of ${OPERATIONS.join(', ')}.`);
  }
  return mistakes;
}

const byLine = (mistakes: string[]) => mistakes.sort((a, b) => lineOf(a) - lineOf(b));
const lineOf = (mistake: string) => Number(/:(\d+): /.exec(mistake)?.[1]);

function isTimeZone(name: string): boolean {
  try {
    // Intl also takes offsets such as +01:00, which EventBridge Scheduler does not.
    return /^[A-Za-z]/.test(name) && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}
