import { API_GATEWAY_TYPES } from './resources/api-gateway';
import { CLOUDFORMATION_TYPES } from './resources/cloudformation';
import { DYNAMODB_TYPES } from './resources/dynamodb';
import { EVENTS_TYPES, SCHEDULER_TYPES } from './resources/events';
import { IAM_TYPES } from './resources/iam';
import { KMS_TYPES } from './resources/kms';
import { LAMBDA_TYPES } from './resources/lambda';
import { MESSAGING_TYPES } from './resources/messaging';
import { OBSERVABILITY_TYPES } from './resources/observability';
import { S3_TYPES } from './resources/s3';
import { SSM_TYPES } from './resources/ssm';
import { STEP_FUNCTIONS_TYPES } from './resources/step-functions';
import type { ResourceType } from './resource-type';

/** All CloudFormation resource types that the local AWS knows. */
export const RESOURCE_TYPES: Record<string, ResourceType> = {
  ...IAM_TYPES,
  ...LAMBDA_TYPES,
  ...STEP_FUNCTIONS_TYPES,
  ...SSM_TYPES,
  ...EVENTS_TYPES,
  ...SCHEDULER_TYPES,
  ...DYNAMODB_TYPES,
  ...MESSAGING_TYPES,
  ...OBSERVABILITY_TYPES,
  ...KMS_TYPES,
  ...API_GATEWAY_TYPES,
  ...S3_TYPES,
  ...CLOUDFORMATION_TYPES,
};
