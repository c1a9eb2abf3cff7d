import { BACK_UP_STEPS } from './back-up';
import { CERTIFICATE_STEPS } from './certificates';
import { CREATE_STEPS } from './create';
import type { NodeStep } from './node-step';
import { RECONFIGURE_STEPS } from './reconfigure';
import { REMOVE_STEPS } from './remove';
import { REPAIR_STEPS } from './repair';
import { UPGRADE_STEPS } from './upgrade';

export type { NodeStep } from './node-step';

/** Every script that can be run on nodes, a file a domain; the key is the script's name without .sh. */
export const NODE_STEPS = {
  ...CERTIFICATE_STEPS,
  ...REPAIR_STEPS,
  ...BACK_UP_STEPS,
  ...UPGRADE_STEPS,
  ...CREATE_STEPS,
  ...REMOVE_STEPS,
  ...RECONFIGURE_STEPS,
} as const satisfies Record<string, NodeStep>;

export type NodeStepName = keyof typeof NODE_STEPS;
/** The values that a node step's script gets as `$SSM_<name>`. */
export type NodeStepParameters<Step extends NodeStepName> = Record<
  keyof (typeof NODE_STEPS)[Step]['parameters'],
  string
>;
