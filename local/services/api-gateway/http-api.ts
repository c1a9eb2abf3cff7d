import { randomBytes } from 'node:crypto';

/** Routes of one HTTP API (API Gateway, version 2), each with the function behind it. */
export class HttpApi {
  readonly id = randomBytes(8).toString('hex').slice(0, 10);
  /** Function ARNs by integration id. */
  readonly integrations = new Map<string, string>();
  readonly routes: HttpRoute[] = [];
  stage: HttpStage | undefined;

  constructor(readonly name: string) {}

  /** @throws Error for a route key that the local AWS does not serve */
  addRoute(routeKey: string, integrationId: string, authorization: HttpRoute['authorization'] = 'AWS_IAM'): void {
    const functionArn = this.integrations.get(integrationId);
    if (functionArn === undefined) throw new Error(`There is no integration ${integrationId}.`);
    const found = /^([A-Z]+) (\/\S*)$/.exec(routeKey);
    if (!found || routeKey.includes('+}'))
      throw new Error(`The local AWS serves routes such as "GET /clusters/{cluster}", not "${routeKey}".`);
    this.routes.push({ routeKey, method: found[1]!, path: found[2]!, functionArn, authorization });
  }

  /** @throws Error as API Gateway, which takes settings only for routes that there are */
  routeOf(routeKey: string): HttpRoute {
    const route = this.routes.find((one) => one.routeKey === routeKey);
    if (!route) throw new Error(`There is no route "${routeKey}" to have settings.`);
    return route;
  }

  /** The route of a request, with its path parameters decoded; one that names more of the path comes before one that names less. */
  find(method: string, path: string): { route: HttpRoute; pathParameters: Record<string, string> } | undefined {
    const found = this.routes
      .filter((route) => route.method === method)
      .map((route) => ({ route, pathParameters: matchPath(route.path, path) }))
      .filter((match) => match.pathParameters !== undefined)
      .sort((a, b) => placeholders(a.route) - placeholders(b.route))[0];
    return found && { route: found.route, pathParameters: found.pathParameters! };
  }
}

export interface HttpRoute {
  /** `GET /clusters/{cluster}`. */
  routeKey: string;
  method: string;
  path: string;
  functionArn: string;
  /** NONE: anybody may call it, and the function asks who. */
  authorization: 'AWS_IAM' | 'NONE';
}

export interface HttpStage {
  name: string;
  throttle?: Limits;
  /** Of routes that have limits of their own, by route key. */
  routeThrottles?: Map<string, Limits>;
}
interface Limits {
  rateLimit: number;
  burstLimit: number;
}

const placeholders = ({ path }: HttpRoute): number => path.split('{').length - 1;

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const [expected, given] = [pattern.split('/'), path.split('/')];
  if (expected.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const value = given[index]!;
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (name === undefined ? part !== value : value === '') return undefined;
    if (name !== undefined) parameters[name] = decode(value);
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
