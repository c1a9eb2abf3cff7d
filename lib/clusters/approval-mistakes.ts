import { identitiesOfPerson } from '../../lambdas/contracts/approval-settings';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import type { YamlFile } from './yaml-file';

/** What the schema does not know of `people` and `approval`: whether they fit together. */
export function mistakesInApproval({ people, approval }: ClusterConfig, file: YamlFile): string[] {
  const mistakes: string[] = [];
  const owner = new Map<string, string>();
  people.forEach((person, index) => {
    const { name } = person;
    if (people.findIndex((other) => other.name === name) < index)
      mistakes.push(`${file.at(['people', index, 'name'])}: ${name} is in people twice; a person has one entry.`);
    for (const identity of identitiesOfPerson(person)) {
      const other = owner.get(identity);
      if (other !== undefined && other !== name)
        mistakes.push(
          `${file.at(['people', index])}: ${identity} belongs to ${other} and to ${name}; an identity is one person's.`,
        );
      owner.set(identity, name);
    }
  });
  const { operations, approvers, count } = approval;
  for (const [index, name] of approvers.entries()) {
    if (!people.some((person) => person.name === name))
      mistakes.push(
        `${file.at(['approval', 'approvers', index])}: approval.approvers has ${name}; it may name ${people.map((person) => person.name).join(', ') || 'nobody, because people is empty'}.`,
      );
    if (approvers.indexOf(name) < index)
      mistakes.push(`${file.at(['approval', 'approvers', index])}: approval.approvers has ${name} twice.`);
  }
  if (operations.length > 0 && approvers.length < count)
    mistakes.push(
      `${file.at(['approval'])}: approval.approvers has ${approvers.length} names; it must have at least ${count}, as approval.count says, or nothing can be approved.`,
    );
  return mistakes;
}
