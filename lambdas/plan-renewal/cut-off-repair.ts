import type { ControlPlaneFacts } from '../contracts/node-steps';
import { lostMajority } from '../shared/etcd-majority';
import type { Answer } from '../shared/parse-results';
import { isDown } from './order-control-planes';

type ControlPlane = Answer<ControlPlaneFacts>;

/**
 * Whether a repair was cut off that etcd still needs: its files are new, so no date tells of it any more, but too many members do not
 * run with them yet. A member that calls itself healthy has just committed something: then there is a majority, whatever others have
 * not heard in time.
 * @param expected how many control planes the cluster has, also those that did not answer
 */
export function etcdAwaitsRepair(answers: ControlPlane[], expected: number): boolean {
  if (lostMajority(answers) === undefined || answers.some(({ value }) => value.etcd.healthy)) return false;
  const well = answers.filter((node) => !isDown(node)).length;
  const cutOff = answers.filter((node) => isDown(node) && node.value.renewal.unfinished).length;
  return cutOff > 0 && well + cutOff > expected / 2;
}
