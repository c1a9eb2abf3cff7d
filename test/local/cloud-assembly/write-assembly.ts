import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Resources of a CloudFormation template by logical id. */
export type Resources = Record<string, Record<string, unknown>>;

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Writes what `cdk synth` would for a stack `Test`, where each resource's construct path is Test/<logical id>/Resource; `functions` are the contents of index.js of assets named by their key. */
export function writeAssembly(
  template: { Resources: Resources; [section: string]: unknown },
  functions: Record<string, string> = {},
  file = 'index.js',
): string {
  const folder = mkdtempSync(join(tmpdir(), 'assembly-'));
  folders.push(folder);
  const write = (path: string, content: unknown) => writeFileSync(join(folder, path), JSON.stringify(content));
  write('manifest.json', {
    version: '48.0.0',
    artifacts: {
      'Test.assets': { type: 'cdk:asset-manifest', properties: { file: 'Test.assets.json' } },
      Test: {
        type: 'aws:cloudformation:stack',
        properties: { templateFile: 'Test.template.json', stackName: 'Test' },
        additionalMetadataFile: 'Test.metadata.json',
      },
      Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
    },
  });
  write('Test.template.json', template);
  const ids = Object.keys(template.Resources);
  write(
    'Test.metadata.json',
    Object.fromEntries(ids.map((id) => [`/Test/${id}/Resource`, [{ type: 'aws:cdk:logicalId', data: id }]])),
  );
  for (const [key, code] of Object.entries(functions)) {
    mkdirSync(join(folder, `asset.${key}`));
    writeFileSync(join(folder, `asset.${key}`, file), code);
  }
  const assets = Object.keys(functions).map((key) => [
    key,
    {
      source: { path: `asset.${key}`, packaging: 'zip' },
      destinations: { here: { bucketName: 'assets-${AWS::AccountId}', objectKey: `${key}.zip` } },
    },
  ]);
  write('Test.assets.json', { version: '48.0.0', files: Object.fromEntries(assets), dockerImages: {} });
  return folder;
}

/** A role that `service` may assume, with these statements. */
export function role(service: string, statements: object[] = []): Resources[string] {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
      },
      Policies: statements.length ? [{ PolicyName: 'p', PolicyDocument: { Statement: statements } }] : [],
    },
  };
}

/** A function whose code is the asset `key`, under the role with the logical id `roleId`. */
export function lambdaFunction(key: string, roleId: string, more: Record<string, unknown> = {}): Resources[string] {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: key,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': [roleId, 'Arn'] },
      Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, S3Key: `${key}.zip` },
      ...more,
    },
  };
}
