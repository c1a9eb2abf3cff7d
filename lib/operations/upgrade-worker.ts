import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Pass, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { UpgradeWorkerInput } from '../../lambdas/contracts/upgrade-outcomes';
import { assignments, set } from '../foundation/assign';
import { expression, referTo, render, variable } from '../foundation/expressions';
import { NestedWorkflow } from '../foundation/nested-workflow';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { phase } from '../phases/chaining';
import type { StepSeconds } from '../phases/time-steps';
import { skippedOrNot, upgradeNode } from './upgrade-node';

export interface UpgradeWorkerProps {
  runOnNodes: RunOnNodes;
  eventBus: IEventBus;
}

const work = variable<UpgradeWorkerInput>('work');
const seconds = variable<StepSeconds>('seconds');
const givenUp = variable<string>('givenUp');

/** The turn of one worker, in an execution of its own: its history, and what it keeps, are none of the others'. */
export class UpgradeWorker extends NestedWorkflow {
  constructor(scope: Construct, id: string, props: UpgradeWorkerProps) {
    super(scope, id, {
      name: 'upgrade-worker',
      comment: 'Upgrades one worker: kubeadm, drain, kubelet, uncordon',
      // Its longest steps: kubeadm, two drains of an hour, kubelet.
      timeout: Duration.hours(6),
      runs: [props.runOnNodes],
      definition: (states) => {
        const take = Pass.jsonata(states, 'Take the worker', {
          assign: assignments([
            set(work, referTo<UpgradeWorkerInput>('$states.input')),
            set(seconds, {}),
            set(givenUp, expression`""`),
          ]),
        });
        const { turn, hop, on, lock, settings } = work;
        const upgrade = upgradeNode(states, { ...props, turn, hop, on, lock, settings, seconds, givenUp });
        const done = Succeed.jsonata(states, 'This worker is done', {
          outputs: render({
            node: turn.name,
            outcome: skippedOrNot(givenUp),
            seconds,
            said: expression`${givenUp} = "" ? "" : ${turn.name} & " was left as it is: " & ${givenUp} & "."`,
          }) as Record<string, unknown>,
        });
        take.next(upgrade.start);
        return phase(take, upgrade.upgraded, upgrade.skipped).next(done);
      },
    });
  }
}
