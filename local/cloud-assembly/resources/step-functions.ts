import { z } from 'zod';
import { resourceType } from '../resource-type';
import { arn, object, withoutEffect } from './without-effect';

export const STEP_FUNCTIONS_TYPES = {
  'AWS::StepFunctions::StateMachine': resourceType({
    properties: z.strictObject({
      StateMachineName: z.string().optional(),
      StateMachineType: z.literal('STANDARD').default('STANDARD'),
      RoleArn: arn,
      DefinitionString: z.string().optional(),
      Definition: object.optional(),
      DefinitionSubstitutions: z.record(z.string(), z.coerce.string()).default({}),
      LoggingConfiguration: withoutEffect,
      TracingConfiguration: withoutEffect,
      EncryptionConfiguration: withoutEffect,
      Tags: withoutEffect,
    }),
    async create(properties, { call, iam, generateName }, logicalId) {
      iam.assertTrusts(properties.RoleArn, 'states.amazonaws.com');
      const name = properties.StateMachineName ?? generateName(logicalId, 80);
      const { stateMachineArn } = await call('states', 'CreateStateMachine', {
        name,
        type: properties.StateMachineType,
        roleArn: properties.RoleArn,
        definition: definitionOf(properties),
      });
      return { ref: String(stateMachineArn), attributes: { Arn: String(stateMachineArn), Name: name } };
    },
  }),
};

function definitionOf({
  DefinitionString: text,
  Definition: object,
  DefinitionSubstitutions: values,
}: {
  DefinitionString?: string | undefined;
  Definition?: object | undefined;
  DefinitionSubstitutions: Record<string, string>;
}): string {
  if ((text === undefined) === (object === undefined))
    throw new Error('It needs one of DefinitionString and Definition.');
  return (text ?? JSON.stringify(object)).replace(
    /\$\{([A-Za-z0-9_]+)\}/g,
    (placeholder, key: string) => values[key] ?? placeholder,
  );
}
