import type { z } from 'zod';
import type { AwsOutput } from '../aws/aws-call';
import type { Iam } from '../iam/iam';
import type { HttpApis } from '../services/api-gateway/http-apis';
import type { LambdaService } from '../services/lambda/lambda-service';
import type { S3Service } from '../services/s3/s3-service';
import type { StepFunctions } from '../step-functions/step-functions';
import type { Assembly } from './read-assembly';

/** What resource types create their resources with. */
export interface Surroundings {
  assembly: Assembly;
  iam: Iam;
  lambda: LambdaService;
  httpApis: HttpApis;
  states: StepFunctions;
  s3: S3Service;
  /** Calls a service's API as CloudFormation would, with all rights. */
  call(service: string, action: string, input: Record<string, unknown>): Promise<AwsOutput>;
  /** A name for a resource that the template does not name: <stack>-<logical id>-<hash>, cut to `most` characters. */
  generateName(logicalId: string, most?: number): string;
  /** Creates the resources of a nested stack, whose template is in this file. */
  deployNested(stackName: string, file: string, parameters: Record<string, string>): Promise<void>;
}

/** A resource that exists: what `Ref` and `Fn::GetAtt` answer. */
export interface Created {
  ref: string;
  attributes?: Record<string, string>;
}

/**
 * One CloudFormation resource type. `properties` is strict: a property that is not in it is an error, and one that has no effect
 * locally is there as `withoutEffect`.
 */
export interface ResourceType<Properties = unknown> {
  properties: z.ZodType<Properties>;
  create(properties: Properties, surroundings: Surroundings, logicalId: string): Promise<Created> | Created;
}

/** Keeps `properties` and `create` in agreement with each other. */
export function resourceType<Properties>(type: ResourceType<Properties>): ResourceType {
  return type as ResourceType;
}
