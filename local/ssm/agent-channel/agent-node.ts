import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { checked } from '../../aws/checked-action';
import type { ScriptOutcome } from '../../nodes/node';
import type { DocumentNode, DocumentOrder } from '../run-command/document-node';
import { cancelCommandJob, hasTaken, jobAck, jobIdOf, jobReply, replyAck, sendCommandJob } from './agent-jobs';
import type { AgentMessage } from './agent-message';
import { JobProgress, type DocumentEnd } from './job-progress';

export interface AgentNodeOptions {
  /** i- and 17 hexadecimal digits: the agent connects under this id. */
  instanceId: string;
  name: string;
  privateIp: string;
  tags?: Record<string, string>;
  /** What the agent refused, or said in a way that is not understood. */
  onProblem?(sentence: string): void;
}

/** What can be sent to the agent while it is connected. */
export type SendToAgent = (type: string, payload: string) => void;

/** An agent that is starting drops jobs without a word. One that it has it recognises by its name. */
const OFFER_AGAIN_MS = 2_000;
/** How long the last step's end may come after the document's. */
const LATE_REPLY_MS = 3_000;

interface Job {
  order: DocumentOrder;
  progress: JobProgress;
  /** Ends the job's waiting. */
  conclude(end: DocumentEnd | undefined): void;
  /** Aborted when it is over. */
  over: AbortSignal;
}

/** A machine whose own, real SSM agent connects to the local SSM (agent-endpoint.ts). Unknown to SSM until the agent has told its version. */
export class AgentNode implements DocumentNode {
  readonly instanceId: string;
  readonly name: string;
  readonly privateIp: string;
  readonly tags: Record<string, string>;
  agentVersion = '';
  private send: SendToAgent | undefined;
  private readonly jobs = new Map<string, Job>();
  /** Names of jobs, cancellations too, that the agent does not have yet. */
  private readonly offers = new Set<string>();
  private readonly problem: (sentence: string) => void;

  constructor({ instanceId, name, privateIp, tags = {}, onProblem = () => undefined }: AgentNodeOptions) {
    [this.instanceId, this.name, this.privateIp, this.tags] = [instanceId, name, privateIp, tags];
    this.problem = (sentence) => onProblem(`${name}: ${sentence}`);
  }

  get isOn(): boolean {
    return this.send !== undefined;
  }

  /** @returns how to tell that the connection is over; an older connection's end then means nothing. */
  connected(send: SendToAgent): () => void {
    this.send = send;
    return () => {
      if (this.send === send) this.send = undefined;
    };
  }

  run(): Promise<ScriptOutcome> {
    return Promise.reject(new Error(`${this.name} has a real SSM agent, which takes documents and no scripts.`));
  }

  powerOff(): Promise<void> {
    return Promise.reject(new Error(`${this.name} is a machine of its own: the local AWS cannot switch it off.`));
  }

  powerOn(): Promise<void> {
    return Promise.reject(new Error(`${this.name} is a machine of its own: the local AWS cannot switch it on.`));
  }

  runDocument(order: DocumentOrder): Promise<DocumentEnd | undefined> {
    const { instanceId } = this;
    const name = jobIdOf(order.commandId, instanceId);
    return new Promise<DocumentEnd | undefined>((resolve) => {
      const over = new AbortController();
      const conclude = (end: DocumentEnd | undefined) => {
        resolve(end);
        this.jobs.delete(name);
        over.abort();
      };
      const job: Job = { order, progress: new JobProgress(order.results), conclude, over: over.signal };
      this.jobs.set(name, job);
      whenAborted(order.giveUp, over.signal, () => conclude(undefined));
      void this.offer(name, sendCommandJob({ ...order, instanceId }), job);
      whenAborted(order.cancel, over.signal, () => {
        const id = randomUUID();
        void this.offer(jobIdOf(id, instanceId), cancelCommandJob(id, order.commandId, instanceId), job);
      });
    });
  }

  /** Sends until the agent says that it has it, over lost connections too, or the job is over. */
  private async offer(name: string, payload: string, { over }: Job): Promise<void> {
    this.offers.add(name);
    while (!over.aborted && this.offers.has(name)) {
      this.send?.('agent_job', payload);
      await delay(OFFER_AGAIN_MS, undefined, { ref: false, signal: over }).catch(() => undefined);
    }
    this.offers.delete(name);
  }

  /** Takes a frame of the agent. @throws AwsError, SyntaxError when its payload is not as it should be */
  received({ type, id, payload }: AgentMessage): void {
    if (type === 'agent_job_ack') {
      const ack = checked(type, jobAck, JSON.parse(payload));
      if (hasTaken(ack)) this.offers.delete(ack.jobId);
      else this.problem(`the agent did not take ${ack.jobId}: ${ack.statusCode} ${ack.errorMessage}`);
    } else if (type === 'agent_job_reply') {
      const reply = checked(type, jobReply, JSON.parse(payload));
      this.send?.('agent_job_reply_ack', replyAck(reply.jobId, id));
      // Not that of a cancellation, nor one that came again after the end.
      const job = this.jobs.get(reply.jobId);
      if (job) this.answered(job, reply.content);
    } else {
      this.problem(`the agent sent a ${type}, which the local SSM does not know.`);
    }
  }

  private answered({ order, progress, conclude, over }: Job, content: Parameters<JobProgress['merge']>[0]): void {
    const strangers = progress.merge(content, order.now());
    if (strangers.length) this.problem(`the agent told of steps that are not in the document: ${strangers.join(', ')}`);
    if (progress.isComplete) return conclude(progress.end);
    // A document that the agent could not read ends without a word about its steps.
    if (progress.end !== undefined)
      void delay(LATE_REPLY_MS, undefined, { ref: false, signal: over }).then(
        () => conclude(progress.end),
        () => undefined,
      );
  }
}

/** Now if it is aborted already. Not when `unless` is aborted first. */
function whenAborted(signal: AbortSignal, unless: AbortSignal, react: () => void): void {
  if (unless.aborted) return;
  if (signal.aborted) react();
  else signal.addEventListener('abort', react, { once: true, signal: unless });
}
