import { setTimeout as delay } from 'node:timers/promises';
import { VirtualClock } from '../../local/virtual-clock';

const HOUR = 3_600_000;

test('it goes from one sleeper to the next by itself', async () => {
  const clock = new VirtualClock();
  const began = clock.now().getTime();
  const woken: number[] = [];
  for (const hours of [5, 1, 3])
    void clock.sleep(hours * HOUR).then(() => woken.push(Math.round((clock.now().getTime() - began) / HOUR)));
  await clock.passUntil(() => woken.length === 3);
  expect(woken).toEqual([1, 3, 5]);
});

test('it stops as soon as the condition holds, and goes on only when asked to', async () => {
  const clock = new VirtualClock();
  const woken: string[] = [];
  void clock.sleep(HOUR).then(() => woken.push('first'));
  void clock.sleep(2 * HOUR).then(() => woken.push('second'));
  await clock.passUntil(() => woken.length > 0);
  expect(woken).toEqual(['first']);
});

test('it stands still while something is at work', async () => {
  const clock = new VirtualClock();
  const order: string[] = [];
  void clock.sleep(HOUR).then(() => order.push('the hour is over'));
  const work = clock.during(delay(50).then(() => order.push('the work is done')));
  const before = clock.now();
  await delay(20);
  expect(clock.now()).toEqual(before);
  await work;
  await clock.passUntil(() => order.length === 2);
  expect(order).toEqual(['the work is done', 'the hour is over']);
});

test('work that fails has ended as well', async () => {
  const clock = new VirtualClock();
  const work = clock.during(Promise.reject(new Error('no')));
  await expect(work).rejects.toThrow('no');
  let isOver = false;
  void clock.sleep(HOUR).then(() => (isOver = true));
  await clock.passUntil(() => isOver);
});

test('time limits follow it, and can be ended before', async () => {
  const clock = new VirtualClock();
  const passed: string[] = [];
  const end = clock.limit(HOUR, () => passed.push('ended'));
  clock.limit(2 * HOUR, () => passed.push('kept'));
  end();
  await clock.passUntil(() => passed.length > 0);
  expect(passed).toEqual(['kept']);
});
