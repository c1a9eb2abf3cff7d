import { randomUUID } from 'node:crypto';
import { callerArn } from '../../iam/caller-arn';
import { ACCOUNT, REGION, type Caller } from '../../aws/aws-call';
import type { HttpRequest } from '../../aws/protocols/protocol';
import type { HttpApi, HttpRoute, HttpStage } from './http-api';

/** A request that IAM has let in, or that nobody has asked IAM about. */
export interface Admitted {
  api: HttpApi;
  stage: HttpStage;
  route: HttpRoute;
  pathParameters: Record<string, string>;
  /** Absent on a route without IAM authorisation. */
  caller?: Caller;
  accessKeyId?: string;
  sourceIp: string;
}

const TEXT = /^(text\/|application\/(json|javascript|xml|[\w.-]+\+(json|xml)))/;

/** The event that a Lambda proxy integration gets, payload format 2.0. */
export function proxyEvent(request: HttpRequest, admitted: Admitted): Record<string, unknown> {
  const { api, stage, route, pathParameters, caller, accessKeyId } = admitted;
  const { cookie, ...headers } = request.headers;
  const now = new Date();
  const isText = TEXT.test(headers['content-type'] ?? 'text/plain');
  const query = Object.fromEntries(
    [...request.query.keys()].map((name) => [name, request.query.getAll(name).join(',')]),
  );
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath: request.path,
    rawQueryString: request.query.toString(),
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: api.id,
      authentication: null,
      ...(caller && {
        authorizer: {
          iam: {
            accessKey: accessKeyId,
            accountId: ACCOUNT,
            callerId: accessKeyId,
            cognitoIdentity: null,
            principalOrgId: null,
            userArn: callerArn(caller),
            userId: accessKeyId,
          },
        },
      }),
      domainName: `${api.id}.execute-api.${REGION}.amazonaws.com`,
      domainPrefix: api.id,
      http: {
        method: request.method,
        path: request.path,
        protocol: 'HTTP/1.1',
        sourceIp: admitted.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: route.routeKey,
      stage: stage.name,
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(request.body.length > 0 && { body: Buffer.from(request.body).toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}
