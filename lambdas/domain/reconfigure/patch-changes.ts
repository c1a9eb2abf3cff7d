import { createHash } from 'node:crypto';
import type { KubeadmPatches } from '../../contracts/kubeadm-patches';
import type { SettingChange } from '../../contracts/reconfigure';
import { patchesOf } from '../kubeadm/patches';
import type { ConfiguredNode } from './lost-changes';

/** Patches that some node has not, has otherwise, or has too many: each once, by file name. */
export function patchChanges(nodes: ConfiguredNode[], patches: KubeadmPatches): SettingChange[] {
  const changes = nodes.flatMap(({ value }) => {
    const wanted = new Map(
      Object.entries(patchesOf(value.controlPlane ? 'control-plane' : 'worker', patches)).map(([name, text]) => [
        name,
        sha256(text),
      ]),
    );
    const there = new Map(value.patches.map(({ name, sha256: sum }) => [name, sum]));
    return [...new Set([...there.keys(), ...wanted.keys()])]
      .filter((name) => there.get(name) !== wanted.get(name))
      .map((name): SettingChange => ({
        where: 'patches',
        name,
        ...(there.has(name) && { from: 'as it is' }),
        ...(wanted.has(name) && { to: 'as the settings say' }),
      }));
  });
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
}

/** As scripts/lib/reconfigure/compare.sh: without line feeds at the end. */
const sha256 = (text: string): string => createHash('sha256').update(text.replace(/\n+$/, '')).digest('hex');
