/** A payload's own fields of these names, or those of its plan and of its node. */
interface About {
  operation?: unknown;
  cluster?: unknown;
  node?: unknown;
  nodes?: unknown;
  step?: unknown;
  document?: unknown;
  plan?: unknown;
  lock?: unknown;
}

/** At most so many nodes are named in a log line. */
const MOST_NODES = 5;
const DOCUMENTS = 'kubeadm-autopilot-';

/**
 * What every log line of an invocation carries, as far as its payload says it: operation, cluster, node, step. So one query of the logs
 * finds what happened to a node, in whichever function.
 */
export function logKeys(payload: unknown): Record<string, string> {
  const about = fieldsOf(payload);
  const { operation, cluster } = fieldsOf(about.plan);
  const keys = {
    operation: about.operation ?? operation,
    cluster: about.cluster ?? cluster ?? fieldsOf(about.lock).cluster,
    node: nodesIn(about),
    step: about.step ?? stepOf(about.document),
  };
  return Object.fromEntries(
    Object.entries(keys).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== ''),
  );
}

function nodesIn({ node, nodes, document }: About): unknown {
  if (typeof node === 'string') return node;
  // A list of nodes is one of those at work only where a command is about them.
  const all = document !== undefined && Array.isArray(nodes) ? nodes : [node];
  const names = all
    .map((one) => (one as { name?: unknown } | undefined)?.name)
    .filter((name) => typeof name === 'string');
  return names.slice(0, MOST_NODES).join(', ') + (names.length > MOST_NODES ? ' …' : '');
}

const stepOf = (document: unknown): string | undefined =>
  typeof document === 'string' && document.startsWith(DOCUMENTS) ? document.slice(DOCUMENTS.length) : undefined;

const fieldsOf = (value: unknown): About => (value !== null && typeof value === 'object' ? (value as About) : {});
