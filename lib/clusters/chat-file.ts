import { existsSync, readFileSync } from 'node:fs';
import { chatSettings, type ChatSettings } from '../../lambdas/contracts/chat/settings';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import { inOneSentence, requestMissing } from './cluster-mistakes';
import { InvalidClusters } from './clusters';
import { YamlFile } from './yaml-file';

/**
 * Reads chat.yaml: which workspace of Slack and which programs are heard, and where their secrets are. Without the file there is no chat.
 * @throws InvalidClusters also for rules in clusters/*.yaml that name a program which the file does not
 */
export function readChat(path: string, clusters: ClusterConfig[]): ChatSettings | undefined {
  if (!existsSync(path)) {
    const mistakes = unknownCallers(clusters, []);
    if (mistakes.length) throw new InvalidClusters(mistakes);
    return undefined;
  }
  const file = new YamlFile(path, readFileSync(path, 'utf8'));
  if (file.syntaxErrors.length) throw new InvalidClusters(file.syntaxErrors);
  const parsed = chatSettings.safeParse(file.value, { error: requestMissing });
  if (!parsed.success)
    throw new InvalidClusters(parsed.error.issues.flatMap((issue) => inOneSentence(issue, file, chatSettings)));
  const { webhooks } = parsed.data;
  const mistakes = [
    ...(['name', 'secret'] as const).flatMap((field) =>
      doubled(
        webhooks.map((one) => one[field]),
        field,
        file,
      ),
    ),
    ...unknownCallers(
      clusters,
      webhooks.map(({ name }) => name),
    ),
  ];
  if (mistakes.length) throw new InvalidClusters(mistakes);
  return parsed.data;
}

/** Two programs with one secret could pass for each other. */
const doubled = (values: string[], field: string, file: YamlFile): string[] =>
  values.flatMap((value, index) =>
    values.indexOf(value) === index
      ? []
      : [
          `${file.at(['webhooks', index, field])}: webhooks.${index}.${field} is "${value}"; it must be another one than before.`,
        ],
  );

const unknownCallers = (clusters: ClusterConfig[], known: string[]): string[] =>
  clusters.flatMap(({ cluster, chat }) =>
    chat.rights
      .flatMap(({ webhooks = [] }) => webhooks)
      .filter((name) => !known.includes(name))
      .map((name) => `clusters/${cluster}.yaml: chat.rights names the webhook "${name}"; it must be in chat.yaml.`),
  );
