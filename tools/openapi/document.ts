import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import * as z from 'zod';
import { apiError, idempotencyKey, ROUTES } from '../../lambdas/contracts/api/routes';
import { clusterName } from '../../lambdas/contracts/cluster-config';
import { OPERATIONS, requestedOptions } from '../../lambdas/contracts/operation';
import { version } from '../../package.json';

type Route = (typeof ROUTES)[keyof typeof ROUTES];

/** The HTTPS API as an OpenAPI 3.1 document, from the very contracts that the Lambda checks requests against. */
export function openApiDocument() {
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'kubeadm-autopilot',
      version,
      description:
        'Looks at kubeadm clusters, starts operations on them and follows these. Requests are signed with AWS Signature Version 4.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      {
        url: 'https://{api}.execute-api.{region}.amazonaws.com',
        description: 'The value of the SSM parameter /kubeadm-autopilot/api',
        variables: { api: { default: 'abcdefghij' }, region: { default: 'eu-central-1' } },
      },
    ],
    security: [{ sigv4: [] }],
    components: {
      securitySchemes: {
        sigv4: {
          type: 'apiKey',
          name: 'Authorization',
          in: 'header',
          description: 'AWS Signature Version 4 for the service execute-api; IAM has to allow execute-api:Invoke.',
          'x-amazon-apigateway-authtype': 'awsSigv4',
        },
      },
    },
    paths: paths(),
  });
}

function paths(): ZodOpenApiPathsObject {
  const all: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [name, route] of Object.entries(ROUTES)) {
    for (const { path, ...operation } of operationsOf(name, route))
      all[path] = { ...all[path], [route.method.toLowerCase()]: operation };
  }
  return all;
}

/** A route whose body holds an operation's options is a path of its own for each operation, with that operation's options. */
function operationsOf(name: string, route: Route): ({ path: string } & ZodOpenApiOperationObject)[] {
  if (!('body' in route) || route.body !== 'options')
    return [{ path: route.path, ...describe(name, route, route.parameters, 'body' in route ? route.body : undefined) }];
  return OPERATIONS.map((operation) => ({
    path: route.path.replace('{operation}', operation),
    ...describe(
      `${name}-${operation}`,
      route,
      z.object({ cluster: clusterName }),
      requestedOptions(operation),
      `${route.summary} (${operation})`,
    ),
  }));
}

function describe(
  operationId: string,
  route: Route,
  parameters: z.ZodObject,
  body: z.ZodType | undefined,
  summary: string = route.summary,
): ZodOpenApiOperationObject {
  const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
  const error = (description: string) => ({ description, content: json(apiError) });
  return {
    operationId,
    summary,
    requestParams: {
      path: parameters,
      query: route.query as z.ZodObject,
      ...('idempotent' in route && { header: z.object({ 'Idempotency-Key': idempotencyKey.optional() }) }),
    },
    ...(body && { requestBody: { required: !body.safeParse({}).success, content: json(body) } }),
    responses: {
      [`${route.status}`]: { description: 'Done', content: json(route.answer) },
      '400': error('The request is not valid'),
      '403': { description: 'Not signed, or not allowed', content: json(z.object({ message: z.string() })) },
      '404': error('There is no such cluster, operation or node'),
      '409': error("Not now, or not with this cluster's tags and settings"),
      '429': { description: 'Too many requests, or AWS throttled a call' },
    },
  };
}
