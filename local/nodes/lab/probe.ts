import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { ClusterPlan } from './cluster-plan';
import { networkNamespaceFile } from './network-namespace';

export interface ProbeResult {
  requests: number;
  /** `at`: when it was asked, ISO. `ms`: until it had failed. `reason`: of the API with the checks that /readyz calls failing. */
  failures: { at: string; ms: number; reason: string }[];
  /** Between two answers. */
  longestGapMs: number;
}

/** What a client sees that is no node of the cluster: it opens a new connection every 100 ms. */
export class Probe {
  private readonly child: ChildProcess;
  private said = '';

  constructor(plan: ClusterPlan, url: string) {
    const program = [process.execPath, join(__dirname, 'probe.mjs'), url];
    const inSwitch = [`--net=${networkNamespaceFile(plan.name)}`, ...program];
    this.child = spawn('nsenter', inSwitch, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
  }

  /** The API through the load balancer. */
  static ofApi(plan: ClusterPlan): Probe {
    const [, port] = plan.endpoint.split(':');
    return new Probe(plan, `https://${plan.gateway}:${port}/readyz`);
  }

  /** How many requests have ended until now. */
  get requests(): number {
    return this.said.split('\n').length - 1;
  }

  async stop(): Promise<ProbeResult> {
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.stdin?.end();
    await ended;
    return JSON.parse(this.said) as ProbeResult;
  }
}
