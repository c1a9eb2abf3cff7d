import { randomBytes } from 'node:crypto';
import type { NodeRole } from '../../../lambdas/contracts/node';
import type { Clock } from '../../clock';
import type { Node, ScriptOutcome, ScriptRun } from '../node';
import { answerStep } from './answers/answer-step';
import type { StepCall } from './answers/step-call';
import type { Certificate } from './certificates';
import type { ClusterModel } from './cluster-model';
import { NodeModel } from './node-model';
import { lost, timeLimit } from './outcomes';
import { uploadArchive } from './upload-archive';

/** For tests: wraps what a node does for a step. Time stands still meanwhile; `next` does it, and may be called twice, or not at all. */
export type StepInterceptor = (call: StepCall<ScriptedNode>, next: () => ScriptOutcome) => Promise<ScriptOutcome>;

/** What its cluster decides for all its nodes. */
export interface Surroundings {
  readonly model: ClusterModel;
  readonly clock: Clock;
  /** How long a script takes, on the clock; one that takes as long as its time limit is killed. */
  secondsOf(call: StepCall): number;
  readonly onStep?: StepInterceptor | undefined;
}

export interface ScriptedNodeOptions {
  name: string;
  privateIp: string;
  role: NodeRole;
  tags: Record<string, string>;
  agentVersion: string;
  certificates: Map<string, Certificate>;
  /** Of Kubernetes. */
  version: string;
}

/** A machine that answers node steps by what it remembers: no shell, no files, no real time. */
export class ScriptedNode extends NodeModel implements Node {
  readonly instanceId = `i-0${randomBytes(8).toString('hex')}`;
  readonly privateIp: string;
  readonly tags: Record<string, string>;
  readonly agentVersion: string;

  constructor(
    { name, role, certificates, version, ...options }: ScriptedNodeOptions,
    private readonly around: Surroundings,
  ) {
    super(name, role, certificates, version);
    ({ privateIp: this.privateIp, tags: this.tags, agentVersion: this.agentVersion } = options);
  }

  /** The script of a node step, whose second line is `readonly NODE_STEP=<name> ...`. */
  async run(run: ScriptRun): Promise<ScriptOutcome> {
    const step = /^readonly NODE_STEP=(\S+)/m.exec(run.script)?.[1];
    if (!step) throw new Error(`${this.name} only knows node steps: the script does not set NODE_STEP.`);
    const parameters = Object.fromEntries(
      Object.entries(run.env).flatMap(([name, value]) => (name.startsWith('SSM_') ? [[name.slice(4), value]] : [])),
    );
    const call = { node: this, step, parameters };
    const { clock, model, secondsOf, onStep = async (_call, next) => next() }: Surroundings = this.around;
    const seconds = Math.min(secondsOf(call), run.timeLimitSeconds);
    const isCancelled = await clock.sleep(seconds * 1000, run.signal).then(
      () => false,
      () => true,
    );
    if (isCancelled) return { ...timeLimit(), ended: 'cancelled' };
    if (!this.isOn) return lost();
    if (seconds === run.timeLimitSeconds) return timeLimit();
    const outcome = await clock.during(
      onStep(call, () => answerStep(call, model)).then((answered) => this.upload(answered, run.env)),
    );
    if (!this.isOn) return lost();
    for (const stream of ['stderr', 'stdout'] as const)
      for (const line of outcome[stream].split('\n').slice(0, -1)) run.onOutput?.({ stream, line });
    return outcome;
  }

  /** What the step left to upload, as its script would before it answers. */
  private async upload(answered: ScriptOutcome, env: Record<string, string>): Promise<ScriptOutcome> {
    const { archive } = this;
    this.archive = undefined;
    if (archive) await uploadArchive(archive, env);
    return answered;
  }

  async powerOff(): Promise<void> {
    this.isOn = false;
  }

  async powerOn(): Promise<void> {
    this.isOn = true;
  }
}
