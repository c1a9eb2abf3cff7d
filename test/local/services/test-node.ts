import type { Node, ScriptOutcome } from '../../../local/nodes/node';

/** A node without a machine behind it: for services that only look at it and switch it on and off. */
export class TestNode implements Node {
  readonly agentVersion = '3.3.4624.0';
  isOn = true;

  constructor(
    private readonly number: number,
    readonly tags: Record<string, string> = {},
  ) {}

  get instanceId() {
    return `i-${this.number.toString(16).padStart(17, '0')}`;
  }
  get name() {
    return `node-${this.number}`;
  }
  get privateIp() {
    return `10.0.0.${this.number}`;
  }
  run(): Promise<ScriptOutcome> {
    return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ended: 'exit' });
  }
  async powerOff() {
    this.isOn = false;
  }
  async powerOn() {
    this.isOn = true;
  }
}
