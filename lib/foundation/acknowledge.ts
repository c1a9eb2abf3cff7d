import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Tells cdk-nag why a role below `construct` is allowed something on resources with a wildcard. Every other wildcard stays an error. */
export function acknowledgeWildcards(construct: IConstruct, resources: string[], because: string): void {
  for (const resource of resources) {
    Validations.of(construct).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${asCdkNagSays(construct, resource)}]`,
      reason: because,
    });
  }
}

/** An ARN as cdk-nag writes it: references in angle brackets. */
function asCdkNagSays(construct: IConstruct, arn: string): string {
  const resolved = Stack.of(construct).resolve(arn) as string | { 'Fn::Join'?: [string, unknown[]] };
  if (typeof resolved === 'string') return resolved;
  return (resolved['Fn::Join']?.[1] ?? [resolved]).map(part).join('');
}

function part(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref: reference, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: string[] };
  if (reference) return `<${reference}>`;
  return attribute ? `<${attribute.join('.')}>` : JSON.stringify(value);
}
