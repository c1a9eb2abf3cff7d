import type { AwsAction, AwsService } from '../../aws/aws-call';
import { ACCOUNT } from '../../aws/aws-call';
import { callerArn } from '../../iam/caller-arn';

export class StsService implements AwsService {
  readonly name = 'sts';
  readonly actions: Record<string, AwsAction> = {
    GetCallerIdentity: {
      // Needs no permission: AWS answers it to whoever has credentials.
      permissions: () => [],
      run: async (_input, caller) => ({
        Account: ACCOUNT,
        Arn: callerArn(caller),
        UserId: `AIDA:${caller.session ?? 'local'}`,
      }),
    },
  };
}
