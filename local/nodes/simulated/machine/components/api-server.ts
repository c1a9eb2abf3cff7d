import { request as httpsRequest } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { text } from 'node:stream/consumers';
import { checkServerIdentity } from 'node:tls';
import { REFUSED_PORT } from '../address-map';
import { listen, readFlagFile, reloadEvery } from '../component';
import type { ContainerContext, StartComponent } from '../component';
import type { ServedCertificate } from '../tls-server';
import { answerResource } from './api-resources';

interface EtcdClient {
  cert: string;
  key: string;
  ca: string;
  urls: URL[];
}

/** kube-apiserver: health checks for everybody, some resources for administrators, certificate requests for kubelets. */
export const startApiServer: StartComponent = async (context) => {
  const readServing = (): ServedCertificate => ({
    cert: readFlagFile(context, 'tls-cert-file'),
    key: readFlagFile(context, 'tls-private-key-file'),
    clientCa: readFlagFile(context, 'client-ca-file'),
  });
  const etcd: EtcdClient = {
    cert: readFlagFile(context, 'etcd-certfile'),
    key: readFlagFile(context, 'etcd-keyfile'),
    ca: readFlagFile(context, 'etcd-cafile'),
    urls: (context.flag('etcd-servers') ?? '').split(',').map((url) => new URL(url)),
  };
  const server = await listen(context, Number(context.flag('secure-port')), {
    certificate: readServing(),
    clients: 'optional',
    handler: (request, response) => void answer(context, etcd, request, response),
  });
  const stopReloading = reloadEvery(context.reloads.apiServerSeconds, readServing, (fresh) =>
    server.replaceCertificate(fresh),
  );
  return {
    stop: async () => {
      stopReloading();
      await server.close();
    },
  };
};

async function answer(
  context: ContainerContext,
  etcd: EtcdClient,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const socket = request.socket as TLSSocket;
  const peer = socket.getPeerCertificate();
  const showedCertificate = Object.keys(peer).length > 0;
  // An expired or foreign certificate is no anonymous request: it is refused, whatever it asks for.
  if (showedCertificate && !socket.authorized) return answerUnauthorized(response);
  const url = new URL(request.url ?? '/', 'https://api');
  const etcdAnswers = !context.neverReady && (await anyEtcdAnswers(context, etcd));
  const check = /^\/(readyz|livez|healthz)$/.exec(url.pathname)?.[1];
  if (check) return answerHealth(response, check, etcdAnswers, url.searchParams.has('verbose'));
  const client = clientOf(context, request, showedCertificate ? peer : undefined);
  if (!client) return answerUnauthorized(response);
  const { method = 'GET', headers } = request;
  const body = await bodyOf(request);
  if (body === undefined) return;
  answerResource(
    context.cluster,
    { method, url, accept: headers.accept ?? '', body, etcdAnswers, ...client },
    response,
  );
}

/** By certificate, by bootstrap token, or anonymous; undefined for a token that is none. */
function clientOf(
  { cluster }: ContainerContext,
  request: IncomingMessage,
  peer?: PeerCertificate,
): { user: string; groups: string[] } | undefined {
  if (peer) return { user: [peer.subject.CN].flat().join(), groups: [peer.subject.O ?? []].flat() };
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  return token === undefined ? { user: 'system:anonymous', groups: [] } : cluster.resources.bootstrapUser(token);
}

/** Undefined when the client has gone before all of it came. */
function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  return text(request).catch(() => undefined);
}

function answerUnauthorized(response: ServerResponse): void {
  response.writeHead(401, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    }),
  );
}

function answerHealth(response: ServerResponse, check: string, etcdAnswers: boolean, verbose: boolean): void {
  const etcd = etcdAnswers ? '[+]etcd ok' : '[-]etcd failed: reason withheld';
  const readiness = etcdAnswers ? '[+]etcd-readiness ok' : '[-]etcd-readiness failed: reason withheld';
  const details = [
    '[+]ping ok',
    '[+]log ok',
    etcd,
    ...(check === 'readyz' ? [readiness, '[+]informer-sync ok'] : []),
    '[+]poststarthook/start-apiserver-admission-initializer ok',
    ...(check === 'readyz' ? ['[+]shutdown ok'] : []),
  ];
  response.writeHead(etcdAnswers ? 200 : 500, { 'content-type': 'text/plain; charset=utf-8' });
  if (!etcdAnswers) response.end([...details, `${check} check failed`, ''].join('\n'));
  else response.end(verbose ? [...details, `${check} check passed`, ''].join('\n') : 'ok');
}

async function anyEtcdAnswers(context: ContainerContext, etcd: EtcdClient): Promise<boolean> {
  const answers = await Promise.all(etcd.urls.map((url) => etcdAnswersAt(context, etcd, url)));
  return answers.includes(true);
}

/** A real handshake with the certificates that this container loaded: what has expired fails by itself. */
function etcdAnswersAt({ cluster, node }: ContainerContext, { cert, key, ca }: EtcdClient, url: URL): Promise<boolean> {
  const host = url.hostname === '127.0.0.1' ? node.privateIp : url.hostname;
  return new Promise((resolve) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port: cluster.addresses.portOf(`${host}:${url.port}`) ?? REFUSED_PORT,
        path: '/health',
        cert,
        key,
        ca,
        agent: false,
        timeout: 10_000,
        checkServerIdentity: (_name, certificate) => checkServerIdentity(url.hostname, certificate),
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
    request.end();
  });
}
