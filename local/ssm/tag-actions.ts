import { z } from 'zod';
import { AwsError, type AwsAction, type Permission } from '../aws/aws-call';
import { checkedAction } from '../aws/checked-action';
import { documentArn, type DocumentStore } from './documents/document-store';
import { parameterArn, type ParameterStore } from './parameter-store/parameter-store';

const resource = z.strictObject({ ResourceType: z.enum(['Parameter', 'Document']), ResourceId: z.string() });
type Resource = z.output<typeof resource>;

/** Tags of parameters and documents. */
export function tagActions(documents: DocumentStore, parameters: ParameterStore): Record<string, AwsAction> {
  const on =
    (action: string) =>
    ({ ResourceType, ResourceId }: Resource): Permission[] => [
      {
        action: `ssm:${action}`,
        resource: ResourceType === 'Parameter' ? parameterArn(ResourceId) : documentArn(ResourceId),
      },
    ];
  const tagsOf = ({ ResourceType, ResourceId }: Resource) => {
    const found =
      ResourceType === 'Parameter'
        ? parameters.find(ResourceId)
        : documents.list().find(({ name }) => name === ResourceId);
    if (!found) throw new AwsError('InvalidResourceId', `There is no ${ResourceType.toLowerCase()} ${ResourceId}.`);
    return found.tags;
  };
  return {
    AddTagsToResource: checkedAction(
      'AddTagsToResource',
      resource.extend({ Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).min(1) }),
      {
        permissions: on('AddTagsToResource'),
        run: (input) => {
          const tags = tagsOf(input);
          for (const { Key, Value } of input.Tags) tags[Key] = Value;
          return {};
        },
      },
    ),
    RemoveTagsFromResource: checkedAction(
      'RemoveTagsFromResource',
      resource.extend({ TagKeys: z.array(z.string()).min(1) }),
      {
        permissions: on('RemoveTagsFromResource'),
        run: (input) => {
          const tags = tagsOf(input);
          for (const key of input.TagKeys) delete tags[key];
          return {};
        },
      },
    ),
    ListTagsForResource: checkedAction('ListTagsForResource', resource, {
      permissions: on('ListTagsForResource'),
      run: (input) => ({ TagList: Object.entries(tagsOf(input)).map(([Key, Value]) => ({ Key, Value })) }),
    }),
  };
}
