import { renewalSeconds, repairSeconds, turnSeconds } from '../../../../lambdas/functions/plan-renewal/predict-renewal';

const behind = { leave: true, apiServerPort: 6443, settleSeconds: 30 };
const without = { ...behind, leave: false };

test.each([
  ['nothing to renew', 0, behind, 0],
  ['one control plane that stays where it is', 1, without, 17],
  ['three of them', 3, without, 47],
  // As docs/decisions/0007 says: about 20 minutes for three control planes.
  ['three that leave their load balancer', 3, behind, 1223],
  ['a longer settle time', 3, { ...behind, settleSeconds: 60 }, 1313],
])('a renewal: %s', (_name, turns, loadBalancer, seconds) => expect(renewalSeconds(turns, loadBalancer)).toBe(seconds));

test('a turn is the renewal, the looks before it, and the way out of the load balancer and back', () => {
  expect(turnSeconds(without)).toBe(15);
  expect(turnSeconds(behind)).toBe(15 + 300 + 30 + 2 + 60);
});

test.each([
  [0, 60],
  [199, 60],
  [200, 210],
  [1000, 810],
])('a repair with %i workers takes %i s', (workers, seconds) => expect(repairSeconds(workers)).toBe(seconds));
