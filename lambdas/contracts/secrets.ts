/** Below this path of Parameter Store are the secrets that nodes read themselves, each for the time of one execution. */
export const SECRETS = '/kubeadm-autopilot/secrets';

/** Key in the lock table of the record of a cluster's secrets: no cluster's name has a slash, so it is none's lock. */
export const secretsKey = (cluster: string): string => `${cluster}/secrets`;
