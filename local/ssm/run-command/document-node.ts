import type { Node } from '../../nodes/node';
import type { CommandDocument } from '../documents/document';
import type { ParameterValue } from '../documents/document-parameter';
import type { StepResult } from './step-result';

/** A command for a node that runs whole documents. */
export interface DocumentOrder {
  commandId: string;
  documentName: string;
  document: CommandDocument;
  /** What SendCommand was given; the defaults of the others are in the document. */
  parameters: Record<string, ParameterValue>;
  /** One for each step, all Pending; filled in as the agent tells of them. */
  results: StepResult[];
  /** Aborted by CancelCommand. */
  cancel: AbortSignal;
  /** Aborted when nobody waits for an answer any more. */
  giveUp: AbortSignal;
  now(): Date;
}

/** A node with a real SSM agent, which runs documents by itself: `run` is never called there. */
export interface DocumentNode extends Node {
  /** How the document ended, in the agent's words; undefined when it was given up. Never rejects. */
  runDocument(order: DocumentOrder): Promise<'Success' | 'Failed' | 'TimedOut' | 'Cancelled' | undefined>;
}

export const runsDocuments = (node: Node): node is DocumentNode => 'runDocument' in node;
