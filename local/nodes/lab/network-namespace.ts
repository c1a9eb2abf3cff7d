/** Of a node, or of the cluster's switch and load balancer; the same names as in host/names.sh. */
export const networkNamespaceFile = (cluster: string, node?: string): string =>
  `/run/netns/lab.${cluster}${node ? `.${node}` : ''}`;
