export interface KubeconfigText {
  cluster: string;
  user: string;
  context: string;
  /** https://HOST:PORT */
  server: string;
  /** PEM of the cluster's CA. */
  ca: string;
  /** Lines under `user:`, such as `client-certificate: /path`. */
  credentials: Record<string, string>;
}

/** A kubeconfig file as client-go writes it: members in alphabetical order, four spaces in lists. */
export function kubeconfigText({ cluster, user, context, server, ca, credentials }: KubeconfigText): string {
  return [
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    `    certificate-authority-data: ${base64(ca)}`,
    `    server: ${server}`,
    `  name: ${cluster}`,
    'contexts:',
    '- context:',
    `    cluster: ${cluster}`,
    `    user: ${user}`,
    `  name: ${context}`,
    `current-context: ${context}`,
    'kind: Config',
    'users:',
    `- name: ${user}`,
    '  user:',
    ...Object.entries(credentials).map(([name, value]) => `    ${name}: ${value}`),
    '',
  ].join('\n');
}

export function embeddedCredentials(issued: { certificate: string; key: string }): Record<string, string> {
  return { 'client-certificate-data': base64(issued.certificate), 'client-key-data': base64(issued.key) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
