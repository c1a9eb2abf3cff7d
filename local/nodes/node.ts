/** A line that a running script wrote, as soon as it wrote it. */
export interface OutputLine {
  stream: 'stdout' | 'stderr';
  line: string;
}

export interface ScriptRun {
  /** The whole text of the script, first line `#!...`. */
  script: string;
  /** Added to the node's own environment (PATH, LANG; no HOME, as under the real agent). */
  env: Record<string, string>;
  /** Absolute path on the node; absent: the agent's own. */
  workingDirectory?: string;
  /** After this the whole process group gets SIGKILL, as the real agent does. */
  timeLimitSeconds: number;
  onOutput?(output: OutputLine): void;
  /** Aborted by CancelCommand: SIGKILL of the process group. */
  signal?: AbortSignal;
}

export interface ScriptOutcome {
  /** 137 after a SIGKILL. */
  exitCode: number;
  stdout: string;
  stderr: string;
  ended: 'exit' | 'time-limit' | 'cancelled' | 'power-off';
}

/**
 * How a node reaches the local AWS that has no loopback of this machine: somebody brings what it sends to these addresses to unix sockets.
 * Who can open the sockets can be any of the nodes.
 */
export interface WayToAws {
  /** Of the AWS API as the node sees it, such as http://10.87.0.1:4566. */
  endpoint: string;
  apiSocket: string;
  /** For http://169.254.169.254; each request has the address that it came from in SOURCE_HEADER, and never one of the node's own making. */
  metadataSocket: string;
}

export const SOURCE_HEADER = 'x-source-address';

/**
 * A machine that the local SSM agent runs scripts on. Three kinds: scripted (answers node steps from memory, without a shell), simulated
 * (a folder and stand-ins, any OS with bash and openssl) and lab (a Linux namespace with real Kubernetes).
 */
export interface Node {
  /** EC2 instance id: i- and 17 hexadecimal digits. */
  readonly instanceId: string;
  readonly name: string;
  readonly privateIp: string;
  /** EC2 tags, without Name. */
  readonly tags: Record<string, string>;
  /** Version of the SSM agent it reports; empty when it runs none. */
  readonly agentVersion: string;
  readonly isOn: boolean;
  /** Absent: by the loopback. */
  readonly wayToAws?: WayToAws;
  run(run: ScriptRun): Promise<ScriptOutcome>;
  /** Ends everything that runs on it; its disk stays. */
  powerOff(): Promise<void>;
  powerOn(): Promise<void>;
}
