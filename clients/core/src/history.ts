// What a board remembers of a round: the frames carry running totals, the curves come from their differences.

import type { BoardFigures } from './frames';

export interface History {
  /** Planned opening: zero of the time axis. */
  t0_ms: number;
  /** From when on it was watched; before that only totals are known, and nothing is drawn. */
  from_ms: number;
  /** What was left of each line, whenever it changed. */
  lines: Record<string, { at_ms: number; left: number }[]>;
  /** Claims in each half second since zero. */
  bins: Record<number, number>;
  /** Claims of the busiest second. */
  peak: number;
  claims: number;
  as_of_ms: number;
}

export const BIN_MS = 500;

/** Between the newest decision and now nothing happened, so the curve begins at that decision. */
export function begin(t0_ms: number, first: BoardFigures): History {
  const untouched = first.claims === 0;
  const from_ms = untouched ? t0_ms : Math.max(t0_ms, first.as_of_ms);
  const lines: History['lines'] = {};
  for (const line of first.lines) lines[line.line_id] = [{ at_ms: from_ms, left: untouched ? line.offered : line.left }];
  return { t0_ms, from_ms, lines, bins: {}, peak: 0, claims: first.claims, as_of_ms: Math.max(first.as_of_ms, from_ms) };
}

/** Takes the next totals in. Claims between two looks are spread over the time between them. */
export function add(history: History, next: BoardFigures): History {
  const more = next.claims - history.claims;
  if (more < 0) return history;
  const lines = { ...history.lines };
  for (const { line_id, left } of next.lines) {
    const known = lines[line_id] ?? [];
    if (known[known.length - 1]?.left !== left) lines[line_id] = thin([...known, { at_ms: next.as_of_ms, left }]);
  }
  let { bins, peak } = history;
  if (more > 0) {
    bins = { ...bins };
    const first = bin(history, Math.min(history.as_of_ms + 1, next.as_of_ms));
    const last = bin(history, next.as_of_ms);
    const count = last - first + 1;
    for (let i = 0; i < count; i += 1) {
      const share = Math.floor(((i + 1) * more) / count) - Math.floor((i * more) / count);
      if (share > 0) bins[first + i] = (bins[first + i] ?? 0) + share;
    }
    // The busiest second: two half seconds side by side.
    for (let i = first - 1; i <= last; i += 1) peak = Math.max(peak, (bins[i] ?? 0) + (bins[i + 1] ?? 0));
    bins = coarse(bins, last);
  }
  return { ...history, lines, bins, peak, claims: next.claims, as_of_ms: Math.max(history.as_of_ms, next.as_of_ms) };
}

/** A long round must not fill the wall's memory: beyond the bound, every other step of the older half goes. */
export const STEPS_MAX = 800;
function thin(steps: { at_ms: number; left: number }[]): { at_ms: number; left: number }[] {
  return steps.length <= STEPS_MAX ? steps : steps.filter((_, i) => i === 0 || i > steps.length / 2 || i % 2 === 0);
}

function bin(history: History, at_ms: number): number {
  return Math.max(0, Math.floor((at_ms - history.t0_ms) / BIN_MS));
}

/** A long round must not fill the wall's memory either: what is long over is kept by five seconds, as its bars are wider. */
export const BINS_MAX = 1_200;
const TOGETHER = 10;
const FINE = 400;
function coarse(bins: History['bins'], newest: number): History['bins'] {
  const keys = Object.keys(bins);
  if (keys.length <= BINS_MAX) return bins;
  const out: History['bins'] = {};
  for (const key of keys) {
    const n = Number(key);
    const to = newest - n < FINE ? n : n - (n % TOGETHER);
    out[to] = (out[to] ?? 0) + bins[n]!;
  }
  return out;
}

/** The last whole second before now. */
export function perSecond(history: History, now_ms: number): number {
  const now = Math.floor((now_ms - history.t0_ms) / BIN_MS);
  return (history.bins[now - 1] ?? 0) + (history.bins[now - 2] ?? 0);
}

const SPANS_S = [10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400];

/** How long the time axis is, in whole seconds that divide well. */
export function spanS(history: History, now_ms: number): number {
  const s = (now_ms - history.t0_ms) / 1_000;
  return SPANS_S.find((span) => span >= s) ?? Math.ceil(s / 86_400) * 86_400;
}

/** Bars of equal width over the axis, at most `most` of them, as claims a second. */
export function bars(history: History, span_s: number, most = 40): number[] {
  const halves = span_s * 2;
  const wide = Math.max(1, Math.ceil(halves / most));
  const out = Array.from({ length: Math.ceil(halves / wide) }, () => 0);
  for (const [key, claims] of Object.entries(history.bins)) {
    const i = Math.floor(Number(key) / wide);
    if (i < out.length) out[i]! += (claims * 2) / wide;
  }
  return out;
}

/** What was left of a line as steps, in seconds since zero, up to now or to the sell-out. */
export function steps(history: History, line_id: string, until_ms: number): [number, number][] {
  const known = history.lines[line_id] ?? [];
  const last = known[known.length - 1];
  if (!last || until_ms < history.t0_ms) return [];
  const s = (at_ms: number) => Math.max(0, at_ms - history.t0_ms) / 1_000;
  const points = known.map(({ at_ms, left }): [number, number] => [s(at_ms), left]);
  return last.left === 0 || until_ms <= last.at_ms ? points : [...points, [s(until_ms), last.left]];
}
