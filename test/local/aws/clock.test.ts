import { Clock } from '../../../local/clock';

const HOUR = 3_600_000;

test('it goes with the time of day until it is moved, and then keeps its lead', () => {
  const clock = new Clock();
  const times = [Date.now(), clock.now().getTime(), Date.now()];
  expect(times).toEqual(times.toSorted());
  clock.advance(HOUR);
  const later = [Date.now() + HOUR, clock.now().getTime(), Date.now() + HOUR];
  expect(later).toEqual(later.toSorted());
});

test('moving it wakes whoever waits for a time that has come, and nobody else', async () => {
  const clock = new Clock();
  const awake: string[] = [];
  const stop = new AbortController();
  const sleeps = [1, 5].map((hours) => clock.sleep(hours * HOUR, stop.signal).then(() => awake.push(`${hours} h`)));
  clock.advance(2 * HOUR);
  await sleeps[0];
  expect(awake).toEqual(['1 h']);
  clock.advance(3 * HOUR + 1000);
  await sleeps[1];
  expect(awake).toEqual(['1 h', '5 h']);
});

test('a sleep ends with the reason of its signal', async () => {
  const stop = new AbortController();
  const sleep = new Clock().sleep(HOUR, stop.signal);
  stop.abort(new Error('enough'));
  await expect(sleep).rejects.toThrow('enough');
});

test('a time that has passed is not waited for; months can be', async () => {
  const clock = new Clock();
  await clock.sleepUntil(new Date(0));
  const sleep = clock.sleep(60 * 24 * HOUR);
  clock.advance(61 * 24 * HOUR);
  await sleep;
});

test('it never goes back', () => {
  const clock = new Clock();
  expect(() => clock.moveTo(new Date(Date.now() - HOUR))).toThrow(/only moves forward: it is .*, asked for/);
});
