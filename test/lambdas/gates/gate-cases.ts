import { plan, reasonOf, refusing, upgradeCluster, type UpgradeCluster } from '../helpers/upgrade-samples';

/** What is changed in a cluster of 3 control planes and 2 workers that can be upgraded; the gates that then say no; what one of them says. */
export type GateCase = [what: string, change: (cluster: UpgradeCluster) => void, gates: string[], sentence: RegExp];

/** No other gate says no, each says what to do, and a plan that is refused has nothing to act on. */
export function checkGateCases(cases: GateCase[]): void {
  test.each(cases)('%s', (_what, change, gates, sentence) => {
    const cluster = upgradeCluster(3, 2);
    change(cluster);
    const refused = plan(cluster);
    expect(refusing(refused)).toEqual(gates);
    expect(reasonOf(refused, gates[0] ?? '')).toMatch(sentence);
    expect(refused).toMatchObject({ decision: 'refuse', hops: [], steps: [] });
    for (const gate of refused.gates) {
      expect(gate.reason).toMatch(/^[\S].*\.$/);
      if (!gate.passed) expect(gate.whatToDo).toMatch(/^[A-Z].*\.$/);
    }
  });
}

/** Does not stop the upgrade, and is told. */
export type WarningCase = [what: string, change: (cluster: UpgradeCluster) => void, gate: string, sentence: RegExp];

export function checkWarnings(cases: WarningCase[]): void {
  test.each(cases)('only a warning: %s', (_what, change, gate, sentence) => {
    const cluster = upgradeCluster(3, 2);
    change(cluster);
    const { decision, gates } = plan(cluster);
    expect(decision).toBe('act');
    expect(gates.find(({ name }) => name === gate)).toMatchObject({ passed: true, warning: true });
    expect(gates.find(({ name }) => name === gate)?.reason).toMatch(sentence);
  });
}
