import * as z from 'zod';

/**
 * What a node calls something. It goes into sentences, mails and events, so it is one line, has an end, and steers neither terminals nor
 * the direction of text: an answer that breaks this counts as none, and costs its own node alone.
 */
export const label = z
  .string()
  .max(1000)
  .regex(
    /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u,
    'must be one line without control, direction or formatting characters',
  );

/**
 * The name of a certificate, a component, an etcd member's id: what CloudWatch takes as the value of a dimension, which is the strictest
 * of those that get it (printable ASCII, not empty, no colon at its beginning).
 */
export const identifier = z
  .string()
  .regex(/^[!-9;-~]([ -~]{0,198}[!-~])?$/, 'must be 1 to 200 printable ASCII characters');

/** A reason in a node's own words. Whoever shows it shortens it (`shorten`), which also takes out what steers a terminal. */
const remark = z.string().max(4000);

/** Rows of an answer. A control plane has about twenty certificates. */
const MOST_ROWS = 250;
const rows = <Row extends z.ZodType>(row: Row) => z.array(row).max(MOST_ROWS);

/** A certificate on a node's disk. Absent booleans mean false: 50 nodes' answers have to fit into 256 KiB. */
export const certificateOnDisk = z.object({
  /** kubeadm's own name where it has one (apiserver, etcd-server, admin.conf ...), else as docs/node-steps.md lists it. */
  name: identifier,
  path: label,
  /** Name of the CA that signed it (ca, etcd-ca, front-proxy-ca); "self" for a self-signed leaf; absent for a CA. */
  ca: label.optional(),
  /** Another CA signed it than the one of this node that has its issuer's name. */
  anotherCa: z.boolean().optional(),
  /**
   * Its issuer's name (RFC 2253, at most 200 characters), where kubeadm's CA for it did not sign it: none of this node (`external`), one that
   * only has the name (`anotherCa`), or the one that `ca` names.
   */
  issuer: label.optional(),
  /**
   * The names in it (at most 300 characters), where it serves on this node and the address at which it does is not among them; the node's name
   * in a kubelet's, where that is not this node's. Only check-certificates tells.
   */
  wrongNames: label.optional(),
  /** Names that clients ask for and that are not in the API server's: the cluster's endpoint, kubernetes.default.svc. Only check-certificates tells. */
  lacksNames: label.optional(),
  /** ISO 8601, UTC, whole seconds. Absent when missing or unreadable. */
  notBefore: label.optional(),
  notAfter: label.optional(),
  /** Hexadecimal, upper case, as openssl prints it. */
  serial: label.optional(),
  isCa: z.boolean().optional(),
  external: z.boolean().optional(),
  /** It has the name of one of kubeadm's, and kubeadm does not renew it: the process reads another file, or a kubeconfig names files. */
  unmanaged: z.boolean().optional(),
  /** Of a bundle of CAs: it neither signed a certificate of this node nor has its key here. */
  unused: z.boolean().optional(),
  missing: z.boolean().optional(),
  /** Why it could not be read (not PEM, no permission ...). */
  unreadable: remark.optional(),
});
export type CertificateOnDisk = z.infer<typeof certificateOnDisk>;

/** What a port of this node presents in a TLS handshake now. */
export const certificateServed = z.object({
  port: z.number().int().min(1).max(65535),
  /** Name of the certificate on disk that this port should serve. Several ports may share one. */
  certificate: identifier,
  serial: label.optional(),
  notAfter: label.optional(),
  /** Why there was no certificate to see (connection refused ...). */
  error: remark.optional(),
});
export type CertificateServed = z.infer<typeof certificateServed>;

const releaseText = label.max(60);

/** What runs in the cluster, as the API server of one control plane tells it. */
export const toldVersions = z.object({
  /** Of this API server, such as 1.36.3. */
  apiServer: releaseText,
  /** How many nodes have which kubelet, with the names of some. */
  kubelets: z
    .array(z.object({ version: releaseText, nodes: z.number().int(), names: z.array(label.max(300)).max(3) }))
    .max(20),
});

/** What would keep renew-certificates from renewing on a node, by one of its preconditions (scripts/lib/renewal/preconditions.sh). */
const renewalObstacle = z.object({ precondition: identifier, reason: remark, whatToDo: remark });

/** Result of scripts/check-certificates.sh. */
export const certificateInventory = z.object({
  node: label,
  /** The node's own clock, ISO 8601 UTC. */
  checkedAt: label,
  kubeadm: label.optional(),
  /** Who said which certificates there are: kubeadm's JSON, or openssl alone with the reason. */
  source: z.enum(['kubeadm', 'openssl']),
  sourceReason: remark.optional(),
  /**
   * SHA-256 of the public keys (SubjectPublicKeyInfo, DER) of the cluster's CA, as kubeadm's --discovery-token-ca-cert-hash has them: several
   * while a CA is rotated. Nodes of one cluster share one of them, also when a CA was made again with its key.
   */
  caPublicKeys: z
    .array(z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 hash, hexadecimal'))
    .max(20)
    .optional(),
  /** certificateValidityPeriod of the saved ClusterConfiguration, a Go duration or what else is written there; absent when that is kubeadm's year. */
  certificateValidity: label.optional(),
  certificates: rows(certificateOnDisk),
  served: rows(certificateServed),
  /** Only check-certificates tells, on a control plane whose API server answers. */
  kubernetes: toldVersions.optional(),
  /** Only check-certificates tells, on a control plane; absent where nothing stands in the way of a renewal. */
  obstacles: rows(renewalObstacle).optional(),
});
export type CertificateInventory = z.infer<typeof certificateInventory>;

/** A named yes/no fact with the reason when it is no. */
const health = z.object({ ok: z.boolean(), reason: remark.optional() });

/** Result of scripts/inspect-control-plane.sh. `inventory` only when it was asked for. */
export const controlPlaneFacts = z.object({
  node: label,
  inventory: certificateInventory.optional(),
  health: z.object({
    kubelet: health,
    apiServer: health,
    controllerManager: health,
    scheduler: health,
  }),
  etcd: z.object({
    /** stacked: a member runs on this node as a static pod; external: it runs elsewhere. */
    topology: z.enum(['stacked', 'external']),
    memberId: label.optional(),
    leader: z.boolean().optional(),
    /** This node's own member answers and can commit. */
    healthy: z.boolean(),
    reason: remark.optional(),
    /** The cluster as this member sees it. */
    members: rows(z.object({ id: label, name: label, learner: z.boolean().optional(), healthy: z.boolean() })),
  }),
  /** CAs whose key is on this node: ca, etcd-ca, front-proxy-ca. */
  caKeys: rows(identifier),
  /** Space on the file system that takes the backup, and what the backup needs. */
  disk: z.object({ freeKiB: z.number(), neededKiB: z.number() }),
  renewal: z.object({
    /** When renew-certificates last finished here, ISO 8601 UTC. */
    finishedAt: label.optional(),
    /** A renewal began and did not finish: the refresh of its copies of admin.conf is part of it. */
    unfinished: z.boolean(),
    /** Static pods that it has still to restart; absent before all its files are new, and when only copies of admin.conf are left. */
    toRestart: rows(identifier).optional(),
    /** Its kubelet still has the bootstrap token of a repair, which so was cut off before its end. */
    rejoining: z.boolean().optional(),
    /** A step that changes this node runs there now, whatever became of the operation that sent it. */
    running: z.boolean().optional(),
    /** What would keep renew-certificates from renewing here; absent where nothing does, and without the inventory. */
    obstacles: rows(renewalObstacle).optional(),
  }),
});
export type ControlPlaneFacts = z.infer<typeof controlPlaneFacts>;

/** Result of scripts/renew-certificates.sh. */
export const renewalResult = z.object({
  node: label,
  changed: z.boolean(),
  /** Why nothing had to change, when nothing had. */
  reason: remark.optional(),
  renewed: rows(
    z.object({
      name: identifier,
      path: label,
      before: z.object({ serial: label, notAfter: label }).optional(),
      after: z.object({ serial: label, notAfter: label }),
    }),
  ),
  /** Certificates that would have ended earlier than they do, or that another CA signed, and were left as they are; absent when there were none. */
  leftAlone: rows(z.object({ name: identifier, reason: remark })).optional(),
  restarted: rows(z.object({ component: identifier, oldContainer: label.optional(), newContainer: label })),
  served: rows(certificateServed),
  /** Folder on the node. */
  backup: label.optional(),
});
export type RenewalResult = z.infer<typeof renewalResult>;

/** Result of scripts/refresh-kubeconfigs.sh. */
export const refreshResult = z.object({
  node: label,
  changed: z.boolean(),
  /** Why nothing had to change, when nothing had. */
  reason: remark.optional(),
  /** Copies of admin.conf: refreshed, or why left alone. */
  kubeconfigs: rows(z.object({ path: label, refreshed: z.boolean(), reason: remark.optional() })),
});
export type RefreshResult = z.infer<typeof refreshResult>;

/** Result of scripts/rejoin-kubelet.sh. */
export const rejoinResult = z.object({
  node: label,
  changed: z.boolean(),
  /** Why nothing had to change, or why less than a new certificate. */
  reason: remark.optional(),
  /** The client certificate that the kubelet had; absent when none could be read. */
  before: z.object({ notAfter: label }).optional(),
  /** The valid one that it has now; absent while it waits for one. */
  after: z.object({ serial: label, notAfter: label }).optional(),
  /** What systemd calls it: active, activating ... */
  kubelet: label,
});
export type RejoinResult = z.infer<typeof rejoinResult>;

/** Result of scripts/bootstrap-token.sh. */
export const bootstrapTokenResult = z.object({ node: label, changed: z.boolean() });
export type BootstrapTokenResult = z.infer<typeof bootstrapTokenResult>;

/** Result of scripts/wait-for-nodes.sh. */
export const nodesReady = z.object({
  node: label,
  /** Node objects of the cluster. */
  nodes: z.number().int(),
  /** Names of those that were not Ready in the end, or whose kubelet does not renew its lease; 50 at most. */
  notReady: rows(label),
});
export type NodesReady = z.infer<typeof nodesReady>;
