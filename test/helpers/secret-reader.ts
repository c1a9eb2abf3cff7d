import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { GetCommandInvocationCommandOutput, SSMClient } from '@aws-sdk/client-ssm';
import { CreateDocumentCommand, GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { RESULT_MARKER } from '../../lambdas/contracts/run-on-nodes';
import { nodeStepScript } from '../../lib/node-access/node-step-script';

/** A node step that tells the digest of a secret instead of the secret. */
const STEP = `#!/bin/bash
. "\${BASH_SOURCE%/*}/lib/core/step.sh"
. "\${BASH_SOURCE%/*}/lib/core/json.sh"
. "\${BASH_SOURCE%/*}/lib/secrets/aws-signature.sh"
. "\${BASH_SOURCE%/*}/lib/secrets/instance-secret.sh"
step_begin
parameter Name
step 'read the secret'
secret_read "$REPLY" || refuse "$REPLY"
sha256 "$REPLY"
OBJECT=''
put digest "$REPLY"
put_close
result "$REPLY"
`;

/** The script as it would be in an SSM document. */
export function secretReaderScript(): string {
  const folder = mkdtempSync(join(tmpdir(), 'secret-reader-'));
  symlinkSync(resolve(__dirname, '../../scripts/lib'), join(folder, 'lib'));
  writeFileSync(join(folder, 'check-certificates.sh'), STEP);
  try {
    return nodeStepScript('check-certificates', folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** The result line of what a node step wrote. */
export function resultOf(stdout: string): Record<string, string> {
  const line = stdout.split('\n').find((each) => each.startsWith(RESULT_MARKER));
  if (!line) throw new Error(`No result line in: ${stdout}`);
  return JSON.parse(line.slice(RESULT_MARKER.length)) as Record<string, string>;
}

export async function createSecretReader(ssm: SSMClient): Promise<void> {
  const content = {
    schemaVersion: '2.2',
    parameters: { Name: { type: 'String', interpolationType: 'ENV_VAR', allowedPattern: '^[a-zA-Z0-9_./-]+$' } },
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'run',
        inputs: { timeoutSeconds: '60', runCommand: [secretReaderScript()] },
      },
    ],
  };
  await ssm.send(
    new CreateDocumentCommand({ Name: 'read-secret', DocumentType: 'Command', Content: JSON.stringify(content) }),
  );
}

/** Has a node read a secret, through Run Command; resolves to how that ended. */
export async function readSecret(
  ssm: SSMClient,
  instanceId: string,
  name: string,
): Promise<GetCommandInvocationCommandOutput> {
  const { Command } = await ssm.send(
    new SendCommandCommand({ DocumentName: 'read-secret', InstanceIds: [instanceId], Parameters: { Name: [name] } }),
  );
  const ask = new GetCommandInvocationCommand({ CommandId: Command!.CommandId, InstanceId: instanceId });
  for (;;) {
    const invocation = await ssm.send(ask).catch((error: Error) => {
      if (error.name !== 'InvocationDoesNotExist') throw error;
      return undefined;
    });
    if (invocation && !['Pending', 'InProgress', 'Delayed'].includes(invocation.Status!)) return invocation;
    await new Promise((done) => setTimeout(done, 50));
  }
}
