import { expect, test } from 'vitest';
import { ServerClock } from '../src';

/** Server ahead by `ahead`, with the given ways out and back. */
function exchange(clock: ServerClock, at: number, ahead: number, out: number, back: number): void {
  const [t1, t2] = [at + out + ahead, at + out + ahead + 2];
  clock.sample({ t0: at, t1, t2, t3: at + out + 2 + back });
}

test('the quickest of five exchanges sets the offset, however lopsided the others were', () => {
  let mono = 0;
  const clock = new ServerClock(() => mono, () => 0);
  for (const [out, back] of [[400, 20], [90, 300], [21, 19], [700, 30], [55, 250]] as const) exchange(clock, mono, 5_000, out, back);
  expect(Math.abs(clock.now() - 5_000)).toBeLessThanOrEqual(1);
  mono = 250;
  expect(Math.abs(clock.now() - 5_250)).toBeLessThanOrEqual(1);
  expect(clock.rtt_ms).toBe(305);
});

test('an old lucky exchange gives way after five more, so that drift is followed', () => {
  const clock = new ServerClock(() => 0, () => 0);
  exchange(clock, 0, 1_000, 1, 1);
  for (let i = 0; i < 5; i += 1) exchange(clock, 0, 1_040, 30, 30);
  expect(clock.now()).toBe(1_040);
});

test('a small correction backwards holds the clock, a large one is taken at once', () => {
  let mono = 0;
  const clock = new ServerClock(() => mono, () => 0);
  exchange(clock, 0, 1_000, 40, 40);
  expect(clock.now()).toBe(1_000);
  exchange(clock, 0, 800, 10, 10);
  expect(clock.now()).toBe(1_000);
  mono = 250;
  expect(clock.now()).toBe(1_050);
  exchange(clock, 250, -9_000, 1, 1);
  expect(clock.now()).toBe(-8_750);
});

test('after a sleep the first exchange alone counts', () => {
  const clock = new ServerClock(() => 0, () => 0);
  exchange(clock, 0, 1_000, 1, 1);
  clock.doubt();
  expect(clock.now()).toBe(1_000);
  exchange(clock, 0, 61_000, 80, 80);
  expect(clock.now()).toBe(61_000);
});

test('before the first exchange it is the phone’s own time, and says so', () => {
  const clock = new ServerClock(() => 500, () => 1_700_000_000_500);
  expect(clock.synced).toBe(false);
  expect(clock.now()).toBe(1_700_000_000_500);
});

test('an exchange that ends before it began is thrown away', () => {
  const clock = new ServerClock(() => 0, () => 42);
  clock.sample({ t0: 10, t1: 5, t2: 5, t3: 0 });
  clock.sample({ t0: Number.NaN, t1: 5, t2: 5, t3: 0 });
  expect(clock.synced).toBe(false);
});
