/** Milliseconds. The real figures are in the comments; the order of things is the same. */
export interface KubeletTiming {
  /** How often manifests and sandboxes are looked at (real: inotify, and every 20 s). */
  syncMs: number;
  /** From the end of a sandbox to the new one (real: 0.5 s to 1 s). */
  recreateMs: number;
  /** From a manifest's going to the end of its container (real: 3 s to 30 s). */
  terminateMs: number;
  /** Between attempts of a container that exited, and of the kubelet itself (real: 10 s and more). */
  backOffMs: number;
  /** Between attempts to get a client certificate (real: 2 s, 4 s, 8 s, 16 s, then every 32 s). */
  certificateRetryMs: number;
  /** How long it stays without a valid client certificate while the API server answers (real: 5 min). */
  exitAfterMs: number;
}

export const FAST: KubeletTiming = {
  syncMs: 50,
  recreateMs: 300,
  terminateMs: 200,
  backOffMs: 1000,
  certificateRetryMs: 500,
  exitAfterMs: 300_000,
};
