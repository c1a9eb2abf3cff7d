import type { SettingChange } from '../../contracts/reconfigure';

/** The plan as a difference that a person reads: what each component has now, and what it gets. */
export function renderChanges(changes: SettingChange[], lost: string[]): string {
  const components = [...Map.groupBy(changes, ({ where }) => where)].flatMap(([where, all]) => [
    where,
    ...all.flatMap(({ name, from, to }) => [
      ...(from === undefined ? [] : [`  - ${valueOf(where, name, from)}`]),
      ...(to === undefined ? [] : [`  + ${valueOf(where, name, to)}`]),
    ]),
  ]);
  return [
    ...components,
    ...(lost.length > 0 ? ['changed by hand, and lost', ...lost.map((line) => `  ${line}`)] : []),
  ].join('\n');
}

const valueOf = (where: string, name: string, value: string): string => {
  if (where === 'certSANs' || where === 'patches') return name;
  return where === 'kubelet' ? `${name}: ${value}` : `${name}=${value}`;
};
