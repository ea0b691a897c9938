import { expect, test } from 'vitest';
import { BINS_MAX, STEPS_MAX, add, bars, begin, perSecond, spanS, steps, type BoardFigures } from '../src';

const T0 = 1_000_000;
function figures(as_of_ms: number, claims: number, left: number): BoardFigures {
  return {
    round_id: 'r', as_of_ms, claims, won: 0, winning_stores: 0, granted_units: 0, revoked: 0, refused: {},
    lines: [{ line_id: 'a', offered: 100, left }], winners: [], sessions_online: 0, stores_online: 0,
  };
}

test('claims fall into the half second of their decision; the peak is a whole second', () => {
  let h = begin(T0, figures(0, 0, 100));
  h = add(h, figures(T0 + 400, 40, 80));
  h = add(h, figures(T0 + 600, 70, 60));
  h = add(h, figures(T0 + 3_100, 71, 60));
  expect(Object.values(h.bins).reduce((a, b) => a + b, 0)).toBe(71);
  expect(h.bins[0]).toBeGreaterThan(39);
  expect(h.peak).toBeGreaterThanOrEqual(70);
});

test('what happened while nobody looked is spread over that time, and no claim is lost', () => {
  let h = begin(T0, figures(0, 0, 100));
  h = add(h, figures(T0 + 10_000, 100, 0));
  expect(Math.max(...Object.values(h.bins))).toBeLessThanOrEqual(5);
  expect(Object.values(h.bins).reduce((a, b) => a + b, 0)).toBe(100);
});

test('a board opened late draws nothing of what it did not see', () => {
  const h = begin(T0, figures(T0 + 8_000, 300, 40));
  expect(h.from_ms).toBe(T0 + 8_000);
  expect(steps(h, 'a', T0 + 9_000)).toEqual([[8, 40], [9, 40]]);
  expect(h.peak).toBe(0);
});

test('the step line falls at each change and ends at the sell-out', () => {
  let h = begin(T0, figures(0, 0, 100));
  expect(steps(h, 'a', T0 - 1)).toEqual([]);
  h = add(h, figures(T0 + 2_000, 5, 50));
  expect(steps(h, 'a', T0 + 3_000)).toEqual([[0, 100], [2, 50], [3, 50]]);
  h = add(h, figures(T0 + 5_000, 9, 0));
  expect(steps(h, 'a', T0 + 9_000)).toEqual([[0, 100], [2, 50], [5, 0]]);
  expect(steps(h, 'b', T0 + 9_000)).toEqual([]);
});

test('a long round keeps its first and its last step, every claim and the peak, within a bound', () => {
  const of = (as_of_ms: number, claims: number, left: number) => ({ ...figures(as_of_ms, claims, left), lines: [{ line_id: 'a', offered: 9_000, left }] });
  let h = begin(T0, of(0, 0, 9_000));
  for (let i = 1; i <= 4_000; i += 1) h = add(h, of(T0 + i * 500, i * 3 + (i > 2_000 ? 50 : 0), 9_000 - i));
  expect(h.lines.a!.length).toBeLessThanOrEqual(STEPS_MAX + 1);
  expect(h.lines.a![0]).toEqual({ at_ms: T0, left: 9_000 });
  expect(h.lines.a!.at(-1)).toEqual({ at_ms: T0 + 2_000_000, left: 5_000 });
  expect(Object.keys(h.bins).length).toBeLessThanOrEqual(BINS_MAX);
  expect(Object.values(h.bins).reduce((a, b) => a + b, 0)).toBe(12_050);
  expect(h.peak).toBeGreaterThanOrEqual(53);
});

test('older totals change nothing', () => {
  const h = begin(T0, figures(0, 10, 90));
  expect(add(h, figures(T0 + 1, 9, 95))).toBe(h);
});

test('the axis grows in steps, the bars keep their number', () => {
  const h = add(begin(T0, figures(0, 0, 100)), figures(T0 + 400, 20, 90));
  expect([9_000, 11_000, 61_000].map((ms) => spanS(h, T0 + ms))).toEqual([10, 20, 120]);
  expect(bars(h, 10)).toHaveLength(20);
  expect(bars(h, 10)[0]).toBe(40);
  expect(bars(h, 600).length).toBeLessThanOrEqual(40);
  expect(perSecond(h, T0 + 1_000)).toBe(20);
  expect(perSecond(h, T0 + 4_000)).toBe(0);
});
