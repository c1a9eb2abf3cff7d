import { awsSdkIntegration } from './aws-sdk';
import type { Integration, Pattern } from './integration';
import { optimisedIntegration } from './optimised';

const RESOURCE = /^arn:aws(?:-[a-z-]+)?:states:::(aws-sdk:)?([a-z0-9-]+):([A-Za-z0-9]+)(?:\.(.+))?$/;
const PATTERNS = ['sync', 'sync:2', 'waitForTaskToken'];

/** The integration that a Task's Resource names; undefined when there is none, and `wrong` has heard why. */
export async function findIntegration(
  resource: string,
  wrong: (message: string) => void,
): Promise<Integration | undefined> {
  const match = RESOURCE.exec(resource);
  if (!match) {
    wrong(`The resource '${resource}' is not one that the local engine runs: it has to begin with arn:aws:states:::`);
    return undefined;
  }
  const [, sdk, service, action, suffix] = match as unknown as [
    string,
    string | undefined,
    string,
    string,
    string | undefined,
  ];
  if (suffix !== undefined && !PATTERNS.includes(suffix)) {
    wrong(
      `The resource '${resource}' ends with '.${suffix}'; there are ${PATTERNS.map((pattern) => `.${pattern}`).join(', ')}`,
    );
    return undefined;
  }
  const pattern = (suffix as Pattern | undefined) ?? 'request-response';
  if (!sdk) return optimisedIntegration(`${service}:${action}`, pattern, wrong);
  if (pattern === 'sync' || pattern === 'sync:2') {
    wrong(`'aws-sdk' integrations have no '.${pattern}'`);
    return undefined;
  }
  return awsSdkIntegration(service, action, pattern, wrong);
}
