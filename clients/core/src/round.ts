// What a client knows of a round, and how frames change it. Pure: the newest version replaces every older one.

import type { RoundDetail, RoundItem, RoundLine } from './bodies';
import type { LineVerdict, RoundFrame, RoundState } from './frames';

/** Where a round stands for one store, by the server's clock. */
export type Phase = 'before' | 'open' | 'paused' | 'closed' | 'cancelled';

export interface Timing { state: RoundState; opens_at_ms: number; closes_at_ms: number; offset_ms: number }

export function timing(round: RoundItem | RoundDetail): Timing {
  const { state, opens_at_ms, closes_at_ms, own } = round;
  return { state, opens_at_ms, closes_at_ms, offset_ms: own?.offset_ms ?? 0 };
}

/** The store's own opening: its stage may begin later than the round. */
export function ownOpensAtMs({ opens_at_ms, offset_ms }: Timing): number {
  return opens_at_ms + offset_ms;
}

export function phase(round: Timing, now_ms: number): Phase {
  switch (round.state) {
    case 'CANCELLED': return 'cancelled';
    case 'SETTLING': case 'CLOSED': case 'ARCHIVED': return 'closed';
    case 'PAUSED': return 'paused';
    case 'DRAFT': case 'PENDING_APPROVAL': return 'before';
    // The opening is not announced, it is a time: whoever lost the frame may tap all the same.
    case 'SCHEDULED': case 'WARMING': case 'OPEN':
      if (now_ms < ownOpensAtMs(round)) return 'before';
      return now_ms < round.closes_at_ms ? 'open' : 'closed';
  }
}

export function applyRound<R extends RoundItem | RoundDetail>(round: R, frame: RoundFrame): R {
  if (round.round_id !== frame.round_id) return round;
  const left = new Map(frame.lines.map((line) => [line.line_id, line.left]));
  const lines = 'lines' in round ? round.lines.map((line) => ({ ...line, left_units: left.get(line.line_id) ?? line.left_units })) : undefined;
  return {
    ...round,
    state: frame.state,
    opens_at_ms: frame.opens_at_ms,
    closes_at_ms: frame.closes_at_ms,
    paused_at: frame.paused_at_ms === undefined ? null : new Date(frame.paused_at_ms).toISOString(),
    left_units: frame.lines.reduce((sum, line) => sum + line.left, 0),
    ...(lines ? { lines } : {}),
  };
}

/** A grant counts at once, before the books are read again: the next suggestion must not offer it a second time. */
export function applyGrant(round: RoundDetail, granted: LineVerdict[]): RoundDetail {
  const units = new Map(granted.map((line) => [line.line_id, line.granted]));
  const total = granted.reduce((sum, line) => sum + line.granted, 0);
  let cents = 0;
  const lines = round.lines.map((line) => {
    const got = units.get(line.line_id) ?? 0;
    if (!line.own || got === 0) return line;
    cents += got * line.price_cents;
    return { ...line, own: { ...line.own, cap_units: Math.max(0, line.own.cap_units - got), taken_units: line.own.taken_units + got } };
  });
  const own = round.own && {
    ...round.own,
    taken_units: round.own.taken_units + total,
    credit_left_cents: round.own.credit_left_cents - cents,
  };
  return { ...round, lines, own };
}

/** Why a line cannot be chosen, in the order in which the server would say so; null when it can. */
export type Bar = 'not_listed' | 'stock_enough' | 'sold_out' | 'cap_reached' | 'no_need';

export function bar(line: RoundLine): Bar | null {
  const own = line.own;
  if (!own) return null;
  if (!own.listed) return 'not_listed';
  if (own.gate != null && own.net_units >= own.gate) return 'stock_enough';
  if (line.left_units < step(line)) return 'sold_out';
  if (own.cap_units < step(line)) return own.taken_units > 0 ? 'cap_reached' : 'no_need';
  return null;
}

/** The smallest quantity that may be claimed: whole packs, at least the minimum. */
export function step(line: RoundLine): number {
  return Math.max(line.pack, Math.ceil(line.min_claim / line.pack) * line.pack);
}

/** Up to where the stepper goes. */
export function stepperMax(line: RoundLine): number {
  if (bar(line)) return 0;
  return packs(Math.min(line.own?.cap_units ?? line.left_units, line.left_units), line.pack);
}

export type Basket = Record<string, number>;

/** What the store still needs, in whole packs, as far as caps, stock and credit go. */
export function suggest(round: RoundDetail): Basket {
  const basket: Basket = {};
  let units = round.own?.cap_round == null ? Infinity : Math.max(0, round.own.cap_round - round.own.taken_units);
  let cents = round.own?.credit_left_cents ?? Infinity;
  for (const line of round.lines) {
    const missing = Math.max(0, (line.own?.need_units ?? 0) - (line.own?.taken_units ?? 0));
    const wanted = Math.min(Math.ceil(missing / line.pack) * line.pack, stepperMax(line));
    const affordable = line.price_cents > 0 ? Math.floor(cents / line.price_cents) : Infinity;
    const qty = packs(Math.min(wanted, units, affordable), line.pack);
    basket[line.line_id] = qty >= step(line) ? qty : 0;
    units -= basket[line.line_id]!;
    cents -= basket[line.line_id]! * line.price_cents;
  }
  return basket;
}

export interface Totals { packs: number; units: number; cents: number; lines: number }

export function totals(lines: RoundLine[], basket: Basket): Totals {
  const sum: Totals = { packs: 0, units: 0, cents: 0, lines: 0 };
  for (const line of lines) {
    const qty = basket[line.line_id] ?? 0;
    if (qty <= 0) continue;
    sum.packs += qty / line.pack;
    sum.units += qty;
    sum.cents += qty * line.price_cents;
    sum.lines += 1;
  }
  return sum;
}

function packs(units: number, pack: number): number {
  return Math.floor(units / pack) * pack;
}
