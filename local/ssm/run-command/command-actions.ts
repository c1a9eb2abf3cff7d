import { z } from 'zod';
import { AwsError, type AwsAction } from '../../aws/aws-call';
import { checkedAction } from '../../aws/checked-action';
import { paginate } from '../../aws/paginate';
import type { Clock } from '../../clock';
import type { Node } from '../../nodes/node';
import type { DocumentStore } from '../documents/document-store';
import { commandAnswer, invocationAnswer, stepAnswer } from './answers';
import { commandFilters, commandMatches } from './command-filters';
import type { Command } from './command';
import type { RunCommand } from './run-command';
import { commandRequest, sendCommand, sendCommandPermissions } from './send-command';

const page = {
  MaxResults: z.number().int().min(1, 'expected 1 to 50').max(50, 'expected 1 to 50').default(50),
  NextToken: z.string().optional(),
};
const list = z.strictObject({
  CommandId: z.string().optional(),
  InstanceId: z.string().optional(),
  Filters: commandFilters,
  ...page,
});

interface Parts {
  commands: RunCommand;
  documents: DocumentStore;
  nodes: Node[];
  clock: Clock;
}

export function commandActions({ commands, documents, nodes, clock }: Parts): Record<string, AwsAction> {
  const visible = (id: string | undefined) =>
    commands.visible().filter((command) => id === undefined || command.id === id);
  return {
    SendCommand: checkedAction('SendCommand', sendCommand, {
      permissions: (input) => sendCommandPermissions(input, nodes),
      run: (input) => ({ Command: commandAnswer(commands.send(commandRequest(input, documents, nodes, clock.now()))) }),
    }),
    GetCommandInvocation: checkedAction('GetCommandInvocation', getCommandInvocation, {
      run: ({ CommandId, InstanceId, PluginName }) => getStep(visible(CommandId)[0], InstanceId, PluginName),
    }),
    ListCommands: checkedAction('ListCommands', list, {
      run: ({ CommandId, InstanceId, Filters, MaxResults, NextToken }) => {
        const found = visible(CommandId).filter(
          (command) => isOn(command, InstanceId) && commandMatches(command, Filters),
        );
        const { items, ...rest } = paginate(found, MaxResults, NextToken);
        return { Commands: items.map(commandAnswer), ...rest };
      },
    }),
    ListCommandInvocations: checkedAction(
      'ListCommandInvocations',
      list.extend({ Details: z.boolean().default(false) }),
      {
        run: ({ CommandId, InstanceId, Filters, Details, MaxResults, NextToken }) => {
          const found = visible(CommandId)
            .flatMap(({ invocations }) => invocations)
            .filter((invocation) => InstanceId === undefined || invocation.node.instanceId === InstanceId)
            .filter((invocation) => commandMatches(invocation, Filters));
          const { items, ...rest } = paginate(found, MaxResults, NextToken);
          return { CommandInvocations: items.map((invocation) => invocationAnswer(invocation, Details)), ...rest };
        },
      },
    ),
    CancelCommand: checkedAction('CancelCommand', cancelCommand, {
      run: ({ CommandId, InstanceIds }) => {
        const command = commands.get(CommandId);
        const stranger = InstanceIds.find((id) => !isOn(command, id));
        if (stranger) throw new AwsError('InvalidInstanceId', `The command ${CommandId} was not sent to ${stranger}.`);
        command.cancel(InstanceIds);
        return {};
      },
    }),
  };
}

const getCommandInvocation = z.strictObject({
  CommandId: z.string(),
  InstanceId: z.string(),
  PluginName: z.string().optional(),
});
const cancelCommand = z.strictObject({ CommandId: z.string(), InstanceIds: z.array(z.string()).max(50).default([]) });

const isOn = (command: Command, instanceId: string | undefined) =>
  instanceId === undefined || command.invocations.some(({ node }) => node.instanceId === instanceId);

function getStep(command: Command | undefined, instanceId: string, stepName: string | undefined) {
  const invocation = command?.invocations.find(({ node }) => node.instanceId === instanceId);
  if (!invocation) {
    throw new AwsError(
      'InvocationDoesNotExist',
      `There is no such invocation on ${instanceId}, or it cannot be seen yet.`,
    );
  }
  const names = invocation.steps.map(({ name }) => name);
  const step =
    stepName === undefined && names.length === 1
      ? invocation.steps[0]
      : invocation.steps.find(({ name }) => name === stepName);
  if (!step) {
    throw new AwsError(
      'InvalidPluginName',
      `PluginName has to be one of the document's steps (${names.join(', ')}), not ${stepName ?? 'absent'}.`,
    );
  }
  return stepAnswer(invocation, step);
}
