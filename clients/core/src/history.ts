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
  return { t0_ms, from_ms, lines, bins: {}, claims: first.claims, as_of_ms: Math.max(first.as_of_ms, from_ms) };
}

/** Takes the next totals in. Claims between two looks are spread over the time between them. */
export function add(history: History, next: BoardFigures): History {
  const more = next.claims - history.claims;
  if (more < 0) return history;
  const lines = { ...history.lines };
  for (const { line_id, left } of next.lines) {
    const known = lines[line_id] ?? [];
    if (known[known.length - 1]?.left !== left) lines[line_id] = [...known, { at_ms: next.as_of_ms, left }];
  }
  const bins = { ...history.bins };
  if (more > 0) {
    const first = bin(history, Math.min(history.as_of_ms + 1, next.as_of_ms));
    const last = bin(history, next.as_of_ms);
    const count = last - first + 1;
    for (let i = 0; i < count; i += 1) {
      const share = Math.floor(((i + 1) * more) / count) - Math.floor((i * more) / count);
      if (share > 0) bins[first + i] = (bins[first + i] ?? 0) + share;
    }
  }
  return { ...history, lines, bins, claims: next.claims, as_of_ms: Math.max(history.as_of_ms, next.as_of_ms) };
}

function bin(history: History, at_ms: number): number {
  return Math.max(0, Math.floor((at_ms - history.t0_ms) / BIN_MS));
}

/** The busiest second: two half seconds side by side. */
export function peakPerSecond(history: History): number {
  return Object.keys(history.bins).reduce((peak, key) => {
    const n = Number(key);
    return Math.max(peak, (history.bins[n] ?? 0) + (history.bins[n + 1] ?? 0));
  }, 0);
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

/** A step line in a box of the given size, baseline 0; closed at the bottom when `filled`. */
export function stepPath(history: History, line_id: string, offered: number, size: { w: number; h: number; span_s: number; until_ms: number }, filled: boolean): string {
  const points = history.lines[line_id] ?? [];
  const x = (at_ms: number) => Math.max(0, Math.min(1, (at_ms - history.t0_ms) / (size.span_s * 1_000))) * size.w;
  const y = (left: number) => (1 - (offered > 0 ? left / offered : 0)) * size.h;
  const [first] = points;
  if (!first) return '';
  let path = `M${x(first.at_ms).toFixed(1)} ${y(first.left).toFixed(1)}`;
  for (const point of points.slice(1)) path += `H${x(point.at_ms).toFixed(1)}V${y(point.left).toFixed(1)}`;
  const last = points[points.length - 1]!;
  const end_ms = last.left === 0 ? last.at_ms : Math.max(last.at_ms, size.until_ms);
  path += `H${x(end_ms).toFixed(1)}`;
  return filled ? `${path}V${size.h}H${x(first.at_ms).toFixed(1)}Z` : path;
}

/** Where the line ends: the dot at now, or at the sell-out. */
export function endOf(history: History, line_id: string, offered: number, size: { w: number; h: number; span_s: number; until_ms: number }): { x: number; y: number } {
  const points = history.lines[line_id] ?? [];
  const last = points[points.length - 1];
  const at_ms = last && last.left === 0 ? last.at_ms : Math.max(last?.at_ms ?? history.t0_ms, size.until_ms);
  return {
    x: Math.max(0, Math.min(1, (at_ms - history.t0_ms) / (size.span_s * 1_000))) * size.w,
    y: (1 - (offered > 0 && last ? last.left / offered : 1)) * size.h,
  };
}
