import { AssemblyError } from './assembly-error';
import { referencesOf } from './intrinsics';
import type { TemplateResource } from './template';

/** Logical ids in an order in which each resource comes after those that it refers to or depends on. */
export function resourceOrder(resources: Record<string, TemplateResource>): string[] {
  const order = new Set<string>();
  const visit = (logicalId: string, path: string[]): void => {
    if (order.has(logicalId)) return;
    if (path.includes(logicalId)) {
      throw new AssemblyError(
        `The resources depend on each other in a circle: ${[...path.slice(path.indexOf(logicalId)), logicalId].join(' → ')}.`,
      );
    }
    for (const dependency of dependenciesOf(logicalId, resources)) visit(dependency, [...path, logicalId]);
    order.add(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return [...order];
}

function dependenciesOf(logicalId: string, resources: Record<string, TemplateResource>): string[] {
  const { Properties: properties, DependsOn: dependsOn = [] } = resources[logicalId]!;
  const explicit = Array.isArray(dependsOn) ? dependsOn : [dependsOn];
  return [...new Set([...explicit, ...referencesOf(properties)])].filter((name) => Object.hasOwn(resources, name));
}
