import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { UpgradeWorkerInput } from '../../lambdas/contracts/upgrade-outcomes';
import { set } from '../foundation/assign';
import { expression, referTo, render, variable } from '../foundation/expressions';
import type { ClusterLock } from '../foundation/lock';
import { NestedWorkflow } from '../foundation/nested-workflow';
import { readStopRequest } from '../foundation/stop-request';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { phase } from '../phases/chaining';
import type { StepSeconds } from '../phases/time-steps';
import { skippedOrNot, upgradeNode } from './upgrade-node';

export interface UpgradeWorkerProps {
  runOnNodes: RunOnNodes;
  eventBus: IEventBus;
  lock: ClusterLock;
}

const input = referTo<UpgradeWorkerInput>('$states.input');
const work = variable<UpgradeWorkerInput>('work');
const seconds = variable<StepSeconds>('seconds');
const givenUp = variable<string>('givenUp');
const stopFor = variable<string>('stopFor');

/**
 * The turn of one worker, unless somebody has asked to stop, or another worker has failed. In an execution of its own: its history, and what it
 * keeps, are none of the others'.
 */
export class UpgradeWorker extends NestedWorkflow {
  constructor(scope: Construct, id: string, props: UpgradeWorkerProps) {
    super(scope, id, {
      name: 'upgrade-worker',
      comment: 'Upgrades one worker: kubeadm, drain, kubelet, uncordon',
      // Its longest steps: kubeadm, two drains of an hour, kubelet.
      timeout: Duration.hours(6),
      runs: [props.runOnNodes],
      definition: (states) => {
        const { turn, hop, on, lock, settings } = work;
        const isStopWanted = readStopRequest(states, 'Read whether to stop', {
          ...{ table: props.lock.table, cluster: input.lock.cluster, assignTo: stopFor },
          assign: [set(work, input), set(seconds, {}), set(givenUp, expression`""`)],
        });
        const notBegun = Succeed.jsonata(states, 'This worker is not begun', {
          outputs: render({ node: turn.name, outcome: 'not-begun', seconds: {} }) as Record<string, unknown>,
        });
        const upgrade = upgradeNode(states, {
          ...{ ...props, turn, hop, on, lock, settings, seconds, givenUp },
          unless: { condition: expression`${stopFor} in [${lock.holder}, ${work.group}]`, then: notBegun },
        });
        const done = Succeed.jsonata(states, 'This worker is done', {
          outputs: render({
            node: turn.name,
            outcome: skippedOrNot(givenUp),
            seconds,
            said: expression`${givenUp} = "" ? "" : ${turn.name} & " was left as it is: " & ${givenUp} & "."`,
          }) as Record<string, unknown>,
        });
        isStopWanted.next(upgrade.start);
        return phase(isStopWanted, upgrade.upgraded, upgrade.skipped).next(done);
      },
    });
  }
}
