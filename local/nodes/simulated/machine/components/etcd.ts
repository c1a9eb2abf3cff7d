import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen, readFlagFile, reloadEvery, validity } from '../component';
import type { ContainerContext, StartComponent } from '../component';
import type { ServedCertificate } from '../tls-server';

/** etcd: 2379 for clients and 2380 for peers, both only with a certificate that its CA signed. */
export const startEtcd: StartComponent = async (context) => {
  const { cluster, node } = context;
  const readServing = () => certificateOf(context, 'cert-file', 'key-file', 'trusted-ca-file');
  const readPeer = () => certificateOf(context, 'peer-cert-file', 'peer-key-file', 'peer-trusted-ca-file');
  const [serving, peer] = [readServing(), readPeer()];
  let servingIsValid = validity(serving.cert);
  let peerIsValid = validity(peer.cert);

  const clients = await listen(context, 2379, {
    certificate: serving,
    clients: 'required',
    handler: (request, response) => answer(context, request, response),
  });
  const peers = await listen(context, 2380, {
    certificate: peer,
    clients: 'required',
    handler: (_request, response) => response.writeHead(404).end('404 page not found\n'),
  });
  // Real etcd reads its certificates again for every handshake; see the node's `reloads`.
  const stopReloading = [
    reloadEvery(context.reloads.etcdSeconds, readServing, (fresh) => {
      clients.replaceCertificate(fresh);
      servingIsValid = validity(fresh.cert);
    }),
    reloadEvery(context.reloads.etcdSeconds, readPeer, (fresh) => {
      peers.replaceCertificate(fresh);
      peerIsValid = validity(fresh.cert);
    }),
  ];
  const leave = cluster.etcd.start(node.name, {
    // Members call themselves over their client port as well, so both have to be valid.
    peerCertificateIsValid: () => !context.neverReady && peerIsValid() && servingIsValid(),
  });
  context.log(`ready to serve client requests as member ${cluster.etcd.status(node.name).member.id}`);
  return {
    stop: async () => {
      stopReloading.forEach((stop) => stop());
      leave();
      await Promise.all([clients.close(), peers.close()]);
    },
  };
};

function certificateOf(context: ContainerContext, cert: string, key: string, ca: string): ServedCertificate {
  return {
    cert: readFlagFile(context, cert),
    key: readFlagFile(context, key),
    clientCa: readFlagFile(context, ca),
  };
}

/**
 * /health and /version as etcd serves them. /members, /status and /move-leader/ID stand for etcd's gRPC calls MemberList, Status and
 * MoveLeader: lines that the etcdctl stand-in can read.
 */
function answer(
  { cluster, node, neverReady }: ContainerContext,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const status = cluster.etcd.status(node.name);
  const healthy = status.leader !== undefined && !neverReady;
  const [, transferee] = /^\/move-leader\/(\w+)$/.exec(request.url ?? '') ?? [];
  if (transferee) {
    const member = cluster.etcd.members.find(({ id }) => id === transferee);
    const takesOver = member !== undefined && cluster.etcd.isRunning(member.name);
    if (takesOver) cluster.etcd.moveLeader(member.name);
    return void response.writeHead(takesOver ? 200 : 400).end();
  }
  switch (request.url) {
    case '/health':
      response.writeHead(healthy ? 200 : 503, { 'content-type': 'application/json' });
      response.end(healthy ? '{"health":"true","reason":""}' : '{"health":"false","reason":"RAFT NO LEADER"}');
      return;
    case '/members':
      // A member list is a linearizable read: it needs a leader.
      if (!healthy) return void response.writeHead(503).end();
      response.end(cluster.etcd.members.map((m) => `${m.id} ${m.name} ${m.peerUrl} ${m.clientUrl}\n`).join(''));
      return;
    case '/status':
      response.end(
        [
          ...[status.clusterId, status.member.id, status.leader?.id ?? '0'].flatMap((id) => [id, BigInt(`0x${id}`)]),
          status.revision,
          status.term,
          status.raftIndex,
        ].join(' ') + '\n',
      );
      return;
    default:
      response.writeHead(404).end('404 page not found\n');
  }
}
