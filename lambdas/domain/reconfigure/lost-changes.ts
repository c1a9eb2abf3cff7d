import type { ConfigurationFacts } from '../../contracts/reconfigure-steps';
import type { Answer } from '../nodes/answers';
import { shorten } from '../text/plain-text';
import type { SettingChange } from '../../contracts/reconfigure';

export type ConfiguredNode = Answer<ConfigurationFacts>;

/** A line of a manifest that is a flag: `- --name=value`, quoted or not. */
const FLAG = /^- ["']?--([a-z0-9-]+)=(.*?)["']?$/;

/**
 * What somebody changed by hand on nodes and a reconfiguration would replace, a line each: `cp-1, kube-apiserver: + --profiling=false`. A change
 * that the settings make as well is not lost.
 */
export function lostChanges(nodes: ConfiguredNode[], changes: SettingChange[]): string[] {
  return nodes.flatMap(({ name, value }) => {
    const files = [
      ...(value.controlPlane?.manifests ?? []).map(({ component, ...file }) => ({ what: component, ...file })),
      { what: 'kubelet', ...value.kubelet },
    ];
    return files
      .filter(({ is }) => is === 'changed')
      .flatMap(({ what, difference }) =>
        difference
          .filter((line) => !isWanted(what, line, changes))
          .map((line) => `${name}, ${what}: ${shorten(`${line.slice(0, 1)} ${bare(line)}`, 200)}`),
      );
  });
}

/** The settings lead to the same: the line is there because of them, or it goes because of them. */
function isWanted(what: string, line: string, changes: SettingChange[]): boolean {
  const isThere = line.startsWith('+');
  const [, flag, value] = FLAG.exec(line.slice(1).trim()) ?? [];
  const [, field, text] = /^([A-Za-z][A-Za-z0-9]*): (.+)$/.exec(line.slice(1)) ?? [];
  const [name, is] = what === 'kubelet' ? [field, text] : [flag, value];
  const change = changes.find((one) => one.where === what && one.name === name);
  return change !== undefined && (isThere ? change.to === is : change.from === is);
}

/** Without sign, indentation and what makes a list of it. */
const bare = (line: string): string => {
  const text = line.slice(1).trim();
  return FLAG.test(text) ? text.replace(/^- ["']?/, '').replace(/["']$/, '') : text;
};
