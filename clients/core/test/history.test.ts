import { expect, test } from 'vitest';
import { add, bars, begin, endOf, peakPerSecond, perSecond, spanS, stepPath, type BoardFigures } from '../src';

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
  expect(peakPerSecond(h)).toBeGreaterThanOrEqual(70);
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
  expect(stepPath(h, 'a', 100, { w: 100, h: 50, span_s: 10, until_ms: T0 + 9_000 }, false)).toBe('M80.0 30.0H90.0');
  expect(peakPerSecond(h)).toBe(0);
});

test('the step line falls at each change and ends at the sell-out', () => {
  let h = begin(T0, figures(0, 0, 100));
  h = add(h, figures(T0 + 2_000, 5, 50));
  h = add(h, figures(T0 + 5_000, 9, 0));
  const size = { w: 100, h: 50, span_s: 10, until_ms: T0 + 9_000 };
  expect(stepPath(h, 'a', 100, size, false)).toBe('M0.0 0.0H20.0V25.0H50.0V50.0H50.0');
  expect(stepPath(h, 'a', 100, size, true)).toMatch(/V50H0\.0Z$/);
  expect(endOf(h, 'a', 100, size)).toEqual({ x: 50, y: 50 });
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
