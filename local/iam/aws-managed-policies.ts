import type { Statement } from './policy';

/** AWS's own managed policies, as far as the app uses them, by the part of their ARN after `policy/`. */
export const AWS_MANAGED_POLICIES: Record<string, Statement[]> = {
  'service-role/AWSLambdaBasicExecutionRole': [
    {
      effect: 'Allow',
      actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: ['*'],
      conditions: [],
    },
  ],
};
