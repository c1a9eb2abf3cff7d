import { issueAuthority, issueLeaf } from '../../pki/certificate';
import { listen, readFlagFile } from '../component';
import type { StartComponent } from '../component';

const YEAR_MS = 365 * 24 * 3600 * 1000;

/**
 * kube-controller-manager and kube-scheduler: health checks behind a certificate that they sign for themselves at each start and
 * keep in memory only, unless a flag names one; and the lease of this name, which one of them holds.
 */
export function loopbackComponent(name: string, port: number): StartComponent {
  return async (context) => {
    // Without its kubeconfig the real one exits at once.
    readFlagFile(context, 'kubeconfig');
    const { flag, neverReady, node } = context;
    const certificate = flag('tls-cert-file')
      ? { cert: readFlagFile(context, 'tls-cert-file'), key: readFlagFile(context, 'tls-private-key-file') }
      : await selfSigned();
    const server = await listen(context, port, {
      certificate,
      clients: 'none',
      handler: (request, response) => {
        const check = /^\/(healthz|livez|readyz)(\?|$)/.exec(request.url ?? '')?.[1];
        if (!check) return void response.writeHead(403).end();
        if (neverReady) return void response.writeHead(500).end(`[-]leaderElection failed: reason withheld\n`);
        response.end('ok');
      },
    });
    const stopCampaign = neverReady
      ? () => undefined
      : context.cluster.resources.leaderLeases.campaign(name, node.name);
    return {
      stop: () => {
        stopCampaign();
        return server.close();
      },
    };
  };
}

async function selfSigned(): Promise<{ cert: string; key: string }> {
  const born = Math.floor(Date.now() / 1000);
  const validity = { notBefore: new Date(Date.now() - 3600_000), notAfter: new Date(Date.now() + YEAR_MS) };
  const ca = await issueAuthority(`localhost-ca@${born}`, validity, 'ECDSA-P256');
  const leaf = await issueLeaf(
    ca,
    { subject: { commonName: `localhost@${born}` }, usages: ['server'], dnsNames: ['localhost'], validity },
    'ECDSA-P256',
  );
  return { cert: leaf.certificate + ca.certificate, key: leaf.key };
}
