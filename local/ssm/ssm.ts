import type { AwsAction, AwsService } from '../aws/aws-call';
import { checked } from '../aws/checked-action';
import type { Node } from '../nodes/node';
import { documentActions } from './documents/document-actions';
import { documentArn, DocumentStore } from './documents/document-store';
import { instanceInformation } from './instances/describe-instance-information';
import { parameterActions } from './parameter-store/parameter-actions';
import { parameterArn, ParameterStore } from './parameter-store/parameter-store';
import { put, putParameter } from './parameter-store/put-parameter';
import { commandActions } from './run-command/command-actions';
import { RunCommand, type RunCommandOptions } from './run-command/run-command';
import { tagActions } from './tag-actions';

export interface SsmOptions extends RunCommandOptions {
  /** The machines that it knows; the list may change while it runs. */
  nodes: Node[];
  /** Properties of AWS::SSM::Document; further ones come by addDocument. */
  documents?: unknown[];
}

/** Systems Manager: documents, Run Command and Parameter Store, as the real service and its agent were seen to behave. */
export class Ssm implements AwsService {
  readonly name = 'ssm';
  readonly actions: Record<string, AwsAction>;
  private readonly documents: DocumentStore;
  private readonly parameters: ParameterStore;
  private readonly commands: RunCommand;

  constructor({ nodes, documents = [], ...options }: SsmOptions) {
    const { clock } = options;
    this.documents = new DocumentStore(() => clock.now());
    this.parameters = new ParameterStore(() => clock.now());
    this.commands = new RunCommand(options);
    for (const properties of documents) this.addDocument(properties);
    this.actions = {
      ...documentActions(this.documents),
      ...commandActions({ commands: this.commands, documents: this.documents, nodes, clock }),
      DescribeInstanceInformation: instanceInformation(nodes, clock),
      ...parameterActions(this.parameters),
      ...tagActions(this.documents, this.parameters),
    };
  }

  /** @param properties of AWS::SSM::Document. @throws AwsError that names what is wrong with it. */
  addDocument(properties: unknown): { name: string; arn: string } {
    const { name } = this.documents.create(properties);
    return { name, arn: documentArn(name) };
  }

  /** @param properties of AWS::SSM::Parameter; its Tags are an object. @throws AwsError that names what is wrong with it. */
  addParameter(properties: Record<string, unknown>): { name: string; arn: string } {
    const { Tags, ...rest } = properties;
    const tagList = Object.entries((Tags ?? {}) as Record<string, string>).map(([Key, Value]) => ({ Key, Value }));
    const input = checked('Parameter', putParameter, { ...rest, Tags: tagList });
    put(this.parameters, input);
    return { name: input.Name, arn: parameterArn(input.Name) };
  }

  stop(): Promise<void> {
    return this.commands.stop();
  }
}
