import { NestedStack, Stack } from 'aws-cdk-lib';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { APP } from '../foundation/names';
import { nodeStepScript } from './node-step-script';
import { packScript } from './packed-script';
import type { NodeStep, NodeStepName } from './node-steps';
import { NODE_STEPS } from './node-steps';

/** What SSM allows a document, with the values of its parameters (MaxDocumentSizeExceeded). */
export const MOST_DOCUMENT_BYTES = 64 * 1024;
/** SendTaskSuccess takes task tokens of up to 2048 characters. */
const LONGEST_TASK_TOKEN = 2048;

/**
 * The scripts of scripts/ as SSM documents: the only ones that SendCommand may be called with. In a nested stack, because they are a half of all that
 * the app deploys, and CloudFormation takes 1 MB in one template.
 */
export class NodeStepDocuments extends NestedStack {
  /** Of all documents, for the stack that this one is nested in. */
  readonly documentArns: string[];

  constructor(scope: Construct, id: string) {
    super(scope, id, { description: 'What kubeadm-autopilot runs on nodes: a document for each node step' });
    const steps = Object.keys(NODE_STEPS) as NodeStepName[];
    for (const step of steps) {
      new CfnDocument(this, step, {
        name: documentName(step),
        documentType: 'Command',
        documentFormat: 'JSON',
        targetType: '/AWS::EC2::Instance',
        content: nodeStepDocument(step, nodeStepScript(step)),
        // A changed script becomes a new default version, so that a command under way keeps the version that it was sent with.
        updateMethod: 'NewVersion',
      });
    }
    this.documentArns = steps.map((step) =>
      Stack.of(scope).formatArn({ service: 'ssm', resource: 'document', resourceName: documentName(step) }),
    );
  }
}

export const documentName = (step: NodeStepName) => `${APP}-${step}`;

/**
 * The content of a node step's document. Schema 2.2: one step; the parameters reach the script as environment variables and never as
 * text within it. The script is compressed.
 * @throws Error when SSM would refuse it for its size.
 */
export function nodeStepDocument(name: NodeStepName, script: string) {
  const step: NodeStep = NODE_STEPS[name];
  const document = {
    schemaVersion: '2.2',
    description: step.description,
    parameters: {
      ...Object.fromEntries(
        Object.entries(step.parameters).map(([parameter, allowed]) => [
          parameter,
          { type: 'String', description: `$SSM_${parameter} of the script`, ...allowed, interpolationType: 'ENV_VAR' },
        ]),
      ),
      // SSM tells it to EventBridge with the command's end, and complete-command gives it back to Step Functions. The script never sees it.
      TaskToken: {
        type: 'String',
        description: 'Whom to tell that the command ended; "none" when sent by hand',
        default: 'none',
      },
    },
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'run',
        precondition: { StringEquals: ['platformType', 'Linux'] },
        inputs: { timeoutSeconds: String(step.executionSeconds), runCommand: [packScript(script)] },
      },
    ],
  };
  const bytes = documentBytes(document, step);
  if (bytes > MOST_DOCUMENT_BYTES) {
    throw new Error(
      `The SSM document of scripts/${name}.sh has ${bytes} bytes with the longest values of its parameters, and SSM takes ` +
        `${MOST_DOCUMENT_BYTES}: move a part of the script into a node step of its own.`,
    );
  }
  return document;
}

/** Bytes of a document at worst: compact or indented, whichever is longer, with the longest values that its parameters take. */
export function documentBytes(document: object, step: NodeStep): number {
  const longest = { ...lengths(step), TaskToken: LONGEST_TASK_TOKEN };
  const values = Object.entries(longest).map(([name, length]) => [name, ['x'.repeat(length)]]);
  const texts = [JSON.stringify(document), JSON.stringify(document, null, 2)];
  return Math.max(...texts.map((text) => Buffer.byteLength(text))) + JSON.stringify(Object.fromEntries(values)).length;
}

const lengths = ({ parameters }: NodeStep): Record<string, number> =>
  Object.fromEntries(Object.entries(parameters).map(([name, { maxChars }]) => [name, maxChars]));
