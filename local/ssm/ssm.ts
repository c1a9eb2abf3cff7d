import type { AwsAction, AwsService } from '../aws/aws-call';
import type { Node } from '../nodes/node';
import { documentActions } from './documents/document-actions';
import { DocumentStore } from './documents/document-store';
import { instanceInformation } from './instances/describe-instance-information';
import { parameterActions } from './parameter-store/parameter-actions';
import { ParameterStore } from './parameter-store/parameter-store';
import { commandActions } from './run-command/command-actions';
import { RunCommand, type RunCommandOptions } from './run-command/run-command';
import { tagActions } from './tag-actions';

export interface SsmOptions extends RunCommandOptions {
  /** The machines that it knows; the list may change while it runs. */
  nodes: Node[];
}

/** Systems Manager: documents, Run Command and Parameter Store, as the real service and its agent were seen to behave. */
export class Ssm implements AwsService {
  readonly name = 'ssm';
  readonly actions: Record<string, AwsAction>;
  private readonly commands: RunCommand;

  constructor({ nodes, ...options }: SsmOptions) {
    const { clock } = options;
    const documents = new DocumentStore(() => clock.now());
    const parameters = new ParameterStore(() => clock.now());
    this.commands = new RunCommand(options);
    this.actions = {
      ...documentActions(documents),
      ...commandActions({ commands: this.commands, documents, nodes, clock }),
      DescribeInstanceInformation: instanceInformation(nodes, clock),
      ...parameterActions(parameters),
      ...tagActions(documents, parameters),
    };
  }

  stop(): Promise<void> {
    return this.commands.stop();
  }
}
