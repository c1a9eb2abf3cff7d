import { createHash } from 'node:crypto';
import type { BackUpResult } from '../../../../lambdas/contracts/snapshot';
import type { ScriptOutcome } from '../../node';
import { done } from '../outcomes';
import type { StepCall } from './step-call';

/** back-up-etcd.sh: what it uploads only has to be what it says. */
export function backUpEtcd({ node, parameters }: StepCall): ScriptOutcome {
  const body = `The archive of ${node.name}\n`;
  node.archive = { secret: `${parameters['Secret']}-${node.instanceId}`, body };
  const saved: BackUpResult = {
    node: node.name,
    bytes: body.length,
    sha256: createHash('sha256').update(body).digest('hex'),
    ...(parameters['EtcdOn'] === node.instanceId && {
      etcd: { hash: 1234567890, revision: 4711, totalKeys: 765, version: '3.6.8' },
    }),
  };
  return done(saved);
}
