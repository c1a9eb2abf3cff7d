import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { ClusterPlan } from './cluster-plan';
import { networkNamespaceFile } from './network-namespace';

export interface ProbeResult {
  requests: number;
  /** `at`: when it was asked, ISO. `ms`: until it had failed. `reason`: with the checks that /readyz calls failing. */
  failures: { at: string; ms: number; reason: string }[];
  /** Between two answers. */
  longestGapMs: number;
}

/** What a client of the API sees through the load balancer: a new connection every 100 ms. */
export class ApiProbe {
  private readonly child: ChildProcess;
  private said = '';

  constructor(plan: ClusterPlan) {
    const [, port] = plan.endpoint.split(':');
    const program = [process.execPath, join(__dirname, 'probe-readyz.mjs'), plan.gateway, port!];
    const inSwitch = [`--net=${networkNamespaceFile(plan.name)}`, ...program];
    this.child = spawn('nsenter', inSwitch, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
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
