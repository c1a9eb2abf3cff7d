import type { HttpFront } from '../aws/http-front';
import type { Node } from '../nodes/node';
import type { MetadataFront } from './metadata-front';

type Environment = Record<string, string>;

/**
 * How what runs on a node reaches the AWS API and its metadata service, as variables that every AWS SDK knows. Listeners for a node begin
 * when it is first asked about.
 */
export class AwsForNodes {
  private readonly loopback = new Map<Node, Promise<Environment>>();
  /** By the path of the API's socket: the nodes of a cluster share theirs. */
  private readonly sockets = new Map<string, Promise<void>>();

  /** `nodes` may grow and shrink later. */
  constructor(
    private readonly nodes: Node[],
    private readonly front: HttpFront,
    private readonly metadata: MetadataFront,
    /** http://127.0.0.1:PORT */
    private readonly endpoint: string,
  ) {}

  /** @throws Error when another local AWS is there for this node. */
  async environmentOf(node: Node): Promise<Environment> {
    if (!node.wayToAws) return once(this.loopback, node, () => this.onLoopback(node));
    const { apiSocket, metadataSocket, endpoint } = node.wayToAws;
    await once(this.sockets, apiSocket, async () => {
      await this.front.listenForNodes(apiSocket, new URL(endpoint).host);
      await this.metadata.listenForNodes(metadataSocket, (address) =>
        this.nodes.find((each) => each.wayToAws?.metadataSocket === metadataSocket && each.privateIp === address),
      );
    });
    return { AWS_ENDPOINT_URL: endpoint };
  }

  private async onLoopback(node: Node): Promise<Environment> {
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: await this.metadata.listenFor(node),
    };
  }
}

/** What `make` made for this key; tried again after it failed. */
function once<Key, Made>(made: Map<Key, Promise<Made>>, key: Key, make: () => Promise<Made>): Promise<Made> {
  const known = made.get(key) ?? make();
  made.set(key, known);
  known.catch(() => made.delete(key));
  return known;
}
