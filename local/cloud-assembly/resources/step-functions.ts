import { z } from 'zod';
import { assertRoleMeets, ROLE_REQUIREMENTS } from '../../iam/role-requirements';
import { stateMachineArn } from '../../step-functions/api/names';
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
      /** Nothing is logged here, but the role has to allow it as on AWS. */
      LoggingConfiguration: z.looseObject({ Level: z.string().default('OFF') }).optional(),
      TracingConfiguration: withoutEffect,
      EncryptionConfiguration: withoutEffect,
      Tags: withoutEffect,
    }),
    async create(properties, { states, iam, generateName }, logicalId) {
      const name = properties.StateMachineName ?? generateName(logicalId, 80);
      iam.assertTrusts(properties.RoleArn, 'states.amazonaws.com', stateMachineArn(name));
      const definition = definitionOf(properties);
      if (definition.includes(':states:startExecution.sync'))
        assertRoleMeets(iam, ROLE_REQUIREMENTS.nestedExecutions, properties.RoleArn);
      if ((properties.LoggingConfiguration?.Level ?? 'OFF') !== 'OFF')
        assertRoleMeets(iam, ROLE_REQUIREMENTS.executionLogs, properties.RoleArn);
      // Not by CreateStateMachine: what a user creates runs with the user's rights, what the stack creates under its role.
      const arn = await states.createFromTemplate({
        name,
        roleArn: properties.RoleArn,
        definition,
      });
      return { ref: arn, attributes: { Arn: arn, Name: name } };
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
