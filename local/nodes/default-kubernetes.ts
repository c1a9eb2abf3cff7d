/** What nodes run unless told otherwise, simulated ones and those of the lab. */
export const DEFAULT_KUBERNETES = 'v1.36.3';
