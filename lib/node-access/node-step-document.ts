import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { APP } from '../foundation/names';
import type { NodeStep, NodeStepName } from './node-steps';
import { NODE_STEPS } from './node-steps';

const SCRIPTS = join(__dirname, '../../scripts');
const SHEBANG = '#!/bin/bash\n';
/** SSM's limit is 64 KB with the values of the parameters, which need some of it. */
const MOST_BYTES = 60 * 1024;

/** One script of scripts/ as an SSM document: the only thing that SendCommand may be called with. */
export class NodeStepDocument extends Construct {
  readonly documentName: string;
  readonly documentArn: string;

  constructor(scope: Construct, id: string, step: NodeStepName) {
    super(scope, id);
    this.documentName = documentName(step);
    new CfnDocument(this, 'Resource', {
      name: this.documentName,
      documentType: 'Command',
      documentFormat: 'JSON',
      targetType: '/AWS::EC2::Instance',
      content: nodeStepDocument(step, NODE_STEPS[step], nodeStepScript(step)),
      // A changed script becomes a new default version, so that a command under way keeps the version that it was sent with.
      updateMethod: 'NewVersion',
    });
    this.documentArn = Stack.of(this).formatArn({
      service: 'ssm',
      resource: 'document',
      resourceName: this.documentName,
    });
  }
}

export const documentName = (step: NodeStepName) => `${APP}-${step}`;

/**
 * The text of a node step's script with the files of scripts/lib that it sources put in, and its name and time limit after the first line.
 * @throws Error when the script does not keep to docs/node-steps.md.
 */
export function nodeStepScript(step: NodeStepName, folder = SCRIPTS): string {
  const script = withLibraries(readFileSync(join(folder, `${step}.sh`), 'utf8'), folder);
  if (!script.startsWith(SHEBANG)) {
    throw new Error(
      `scripts/${step}.sh must begin with the line ${SHEBANG.trim()}: without it the SSM agent runs it under sh.`,
    );
  }
  if (script.includes('{{')) {
    throw new Error(`scripts/${step}.sh must not contain two opening braces in a row: SSM takes them for a parameter.`);
  }
  if (/<<-?\s*['"\\]?[A-Za-z_]/.test(script)) {
    throw new Error(
      `scripts/${step}.sh must not contain a here-document: comment lines are left out of it, wherever they stand.`,
    );
  }
  const timeLimit = NODE_STEPS[step].executionSeconds - 30;
  return `${SHEBANG}readonly NODE_STEP=${step} NODE_STEP_TIME_LIMIT=${timeLimit}\n${withoutComments(script)}`;
}

/** Replaces each line `. "${BASH_SOURCE%/*}/lib/<folder>/<name>.sh"` by that file, without the file's own first line `#!...`. */
function withLibraries(script: string, folder: string): string {
  return script.replace(
    /^\. "\$\{BASH_SOURCE%\/\*\}\/(lib\/[a-z0-9-]+\/[a-z0-9-]+\.sh)"[^\S\n]*$/gm,
    (_line, library: string) =>
      readFileSync(join(folder, library), 'utf8')
        .replace(/^#!.*\n/, '')
        .trimEnd(),
  );
}

/** Comments stay in the repository: SSM counts every byte. */
const withoutComments = (script: string) => script.replace(/^[^\S\n]*(#.*)?\n/gm, '');

/** Schema 2.2: one step; the parameters reach the script as environment variables and never as text within it. */
function nodeStepDocument(name: NodeStepName, step: NodeStep, script: string) {
  const document = {
    schemaVersion: '2.2',
    description: step.description,
    parameters: {
      ...Object.fromEntries(
        Object.entries(step.parameters).map(([parameter, allowedPattern]) => [
          parameter,
          {
            type: 'String',
            description: `$SSM_${parameter} of the script`,
            allowedPattern,
            interpolationType: 'ENV_VAR',
          },
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
        inputs: { timeoutSeconds: String(step.executionSeconds), runCommand: script.split('\n') },
      },
    ],
  };
  const bytes = Buffer.byteLength(JSON.stringify(document));
  if (bytes > MOST_BYTES) {
    throw new Error(
      `The SSM document of scripts/${name}.sh has ${bytes} bytes; ${MOST_BYTES} are allowed. Move what it shares less into another step.`,
    );
  }
  return document;
}
