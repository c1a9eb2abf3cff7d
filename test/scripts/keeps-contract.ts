import {
  bootstrapTokenResult,
  certificateInventory,
  controlPlaneFacts,
  nodesReady,
  refreshResult,
  rejoinResult,
  renewalResult,
} from '../../lambdas/contracts/node-steps';
import { backUpResult } from '../../lambdas/contracts/snapshot';
import * as create from '../../lambdas/contracts/create-steps';
import * as reconfigure from '../../lambdas/contracts/reconfigure-steps';
import * as remove from '../../lambdas/contracts/remove-steps';
import * as upgrade from '../../lambdas/contracts/upgrade-steps';
import { upgradeFacts } from '../../lambdas/contracts/upgrade-facts';
import { scriptFailure } from '../../lambdas/contracts/run-on-nodes';

const CONTRACTS = {
  backUpResult,
  bootstrapTokenResult,
  certificateInventory,
  controlPlaneFacts,
  nodesReady,
  refreshResult,
  rejoinResult,
  renewalResult,
  scriptFailure,
  upgradeFacts,
  ...upgrade,
  ...create,
  ...remove,
  ...reconfigure,
};

/** For the .bats files: the result in $RESULT against the contract that is named; a field that no contract knows is a mistake too. */
const name = process.argv[2] as keyof typeof CONTRACTS;
const result: unknown = JSON.parse(process.env.RESULT ?? '');
const parsed = CONTRACTS[name].safeParse(result);
if (!parsed.success) {
  console.log(`not a ${name}: ${parsed.error.message}`);
  process.exitCode = 1;
} else if (sorted(parsed.data) !== sorted(result)) {
  console.log(`${name} knows less than was answered:\n${sorted(result)}\n${sorted(parsed.data)}`);
  process.exitCode = 1;
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part,
  );
}
