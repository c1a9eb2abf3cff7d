import { Router } from '@aws-lambda-powertools/event-handler/http';
import { ROUTE_NAMES, ROUTES, type ApiAnswer, type ApiRequest, type RouteName } from '../../contracts/api/routes';
import { logger } from '../../runtime/lambda';
import { describeFailure, invalid, notFound } from './api-failure';
import { approveOperation, rejectOperation } from './approvals';
import { describeCertificates, describeCluster, examineCluster, listClusters } from './clusters';
import { freezeCluster, unfreezeCluster } from './freezes';
import { describeNodeCommands } from './node-commands';
import { describeOperation, followOperation, listOperations, stopOperation } from './operations';
import { readRequest, type HttpEvent } from './read-request';
import { reportOperation } from './report';
import { planOperation, startOperation } from './start';

/** What each route does. */
const ACTIONS: { [Name in RouteName]: (request: ApiRequest<Name>) => Promise<ApiAnswer<Name>> } = {
  listClusters,
  describeCluster,
  describeCertificates,
  examineCluster,
  startOperation,
  planOperation,
  freezeCluster,
  unfreezeCluster,
  listOperations,
  describeOperation,
  followOperation,
  reportOperation,
  approveOperation,
  rejectOperation,
  stopOperation,
  describeNodeCommands,
};

const router = new Router({ logger });
for (const name of ROUTE_NAMES) {
  const { method, path } = ROUTES[name];
  router.route(({ event, params }) => answer(name, event as unknown as HttpEvent, params), {
    method,
    path: path.replaceAll(/\{(\w+)\}/g, ':$1') as `/${string}`,
  });
}
router.errorHandler(Error, async (error) => {
  // A path that is no URL, or with parameters that are empty once decoded.
  const isPath = error instanceof URIError || error.name === 'ParameterValidationError';
  const failure = isPath ? invalid('The path cannot be decoded.', 'Encode it as RFC 3986 says.') : error;
  const { status, body } = describeFailure(failure, 'routing');
  return json(status, body);
});
router.notFound(async () => {
  const { status, body } = describeFailure(notFound('There is no such route.', 'See docs/api.md.'), 'routing');
  return json(status, body);
});

/** The HTTPS API: from API Gateway (HTTP API, payload format 2.0), which has verified who asks. */
export const handler = (event: unknown, context: Parameters<Router['resolve']>[1]) => router.resolve(event, context);

async function answer<Name extends RouteName>(
  name: Name,
  event: HttpEvent,
  parameters: Record<string, string>,
): Promise<Response> {
  try {
    const request = readRequest(name, event, parameters);
    logger.info('Request', { route: name, who: request.who, ...request.parameters });
    const act = ACTIONS[name] as (request: ApiRequest<Name>) => Promise<ApiAnswer<Name>>;
    return json(ROUTES[name].status, await act(request));
  } catch (error) {
    const { status, body } = describeFailure(error, name);
    const who = event.requestContext.authorizer?.iam?.userArn;
    logger.warn('Request refused', { route: name, who, status, error: body.error, reason: body.message });
    return json(status, body);
  }
}

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
