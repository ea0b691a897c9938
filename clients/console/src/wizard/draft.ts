// A round as it is being written, and what becomes of it: pure, so that every rule here is tested without a page.

import { atWallTime, wallTime } from '@graborder/core';
import { USUAL, type Policy } from '../server/policy';
import type { DeskRound, NewRound } from '../server/rounds';
import type { Store } from '../server/stores';

export interface Line {
  sku_id: string;
  warehouse_id: string;
  code: string;
  name: string;
  warehouse: string;
  pack: number;
  /** What the warehouse could give when it was looked up; unknown for a line that came with a draft. */
  available: number | null;
  units: number;
  /** Held back of what is pledged; only drafts made elsewhere have any. */
  holdback: number;
  min_claim: number;
  price_cents: number;
  cap_line: number | null;
}
export interface Choice {
  /** The draft's own list, of which only the length is known, is left as it is. */
  kept: number | null;
  regions: string[];
  formats: string[];
  grades: string[];
  without_suspended: boolean;
  left_out: string[];
}
export interface Draft {
  name: string;
  lines: Line[];
  stores: Choice;
  policy: Policy;
  /** Wall time of the chain, `YYYY-MM-DD HH:mm`. */
  opens: string | null;
  minutes: number;
}

export const EVERYBODY: Choice = { kept: null, regions: [], formats: [], grades: [], without_suspended: false, left_out: [] };
const USUAL_MINUTES = 30;
const DAY_MS = 86_400_000;

/** Tomorrow at ten, as most rounds are. */
export function empty(now_ms: number, time_zone: string): Draft {
  const tomorrow = wallTime(now_ms + DAY_MS, time_zone).slice(0, 10);
  return { name: '', lines: [], stores: { ...EVERYBODY }, policy: { ...USUAL }, opens: `${tomorrow} 10:00`, minutes: USUAL_MINUTES };
}

export function fromRound(round: DeskRound, time_zone: string): Draft {
  const opens_ms = Date.parse(round.opens_at);
  return {
    name: round.name,
    lines: round.lines.map((line) => ({
      sku_id: line.sku.sku_id, warehouse_id: line.warehouse.warehouse_id, code: line.sku.code, name: line.sku.name, warehouse: line.warehouse.name,
      pack: line.pack, available: null, units: line.pledged ?? line.offered_units, holdback: line.holdback ?? 0, min_claim: line.min_claim,
      price_cents: line.price_cents, cap_line: line.cap_line ?? null,
    })),
    stores: { ...EVERYBODY, kept: round.invited_stores },
    policy: { ...round.policy },
    opens: wallTime(opens_ms, time_zone),
    minutes: Math.round((Date.parse(round.closes_at) - opens_ms) / 60_000),
  };
}

export function matching(stores: Store[], choice: Choice, now_ms: number): Store[] {
  const in_list = (chosen: string[], value: string | null | undefined) => chosen.length === 0 || (value != null && chosen.includes(value));
  return stores.filter((store) => (
    store.active
    && in_list(choice.regions, store.region) && in_list(choice.formats, store.format) && in_list(choice.grades, store.grade)
    && !(choice.without_suspended && suspended(store, now_ms))));
}

export const suspended = (store: Store, now_ms: number): boolean => store.suspended_until !== null && Date.parse(store.suspended_until) > now_ms;

export const invited = (stores: Store[], choice: Choice, now_ms: number): Store[] =>
  matching(stores, choice, now_ms).filter((store) => !choice.left_out.includes(store.store_id));

export const offeredUnits = (draft: Draft): number => draft.lines.reduce((sum, line) => sum + line.units - line.holdback, 0);
export const offeredCents = (draft: Draft): number => draft.lines.reduce((sum, line) => sum + (line.units - line.holdback) * line.price_cents, 0);

export type Fault =
  | { step: 0; word: 'missing_lines' } | { step: 0; word: 'missing_quantity'; sku: string } | { step: 1; word: 'missing_stores' }
  | { step: 3; word: 'missing_name' | 'missing_opens' | 'missing_closes' | 'past_opens' };

/** What has to be said before it can be saved, in the order of the steps. */
export function faults(draft: Draft, stores_invited: number, now_ms: number, time_zone: string): Fault[] {
  const found: Fault[] = [];
  if (draft.lines.length === 0) found.push({ step: 0, word: 'missing_lines' });
  const hollow = draft.lines.find((line) => line.units - line.holdback <= 0);
  if (hollow) found.push({ step: 0, word: 'missing_quantity', sku: hollow.name });
  if (stores_invited === 0) found.push({ step: 1, word: 'missing_stores' });
  if (draft.name.trim() === '') found.push({ step: 3, word: 'missing_name' });
  const opens_ms = draft.opens ? atWallTime(draft.opens, time_zone) : null;
  if (opens_ms === null) found.push({ step: 3, word: 'missing_opens' });
  else if (opens_ms <= now_ms) found.push({ step: 3, word: 'past_opens' });
  if (draft.minutes <= 0) found.push({ step: 3, word: 'missing_closes' });
  return found;
}

/** What is sent; only for a draft without faults. `stores` is left out where the draft's own list stays. */
export function toRound(draft: Draft, stores: Store[], now_ms: number, time_zone: string): Omit<NewRound, 'stores'> & Partial<Pick<NewRound, 'stores'>> {
  const opens_ms = atWallTime(draft.opens ?? '', time_zone);
  if (opens_ms === null) throw new Error('a draft without a time is not sent');
  const chosen = invited(stores, draft.stores, now_ms);
  const everybody = chosen.length === stores.filter((store) => store.active).length;
  return {
    name: draft.name.trim(),
    opens_at: new Date(opens_ms).toISOString(),
    closes_at: new Date(opens_ms + draft.minutes * 60_000).toISOString(),
    policy: draft.policy,
    lines: draft.lines.map(({ sku_id, warehouse_id, units, holdback, price_cents, pack, min_claim, cap_line }) => (
      { sku_id, warehouse_id, pledged: units, holdback, price_cents, pack, min_claim, cap_line })),
    ...(draft.stores.kept === null ? { stores: everybody ? 'all' as const : chosen.map(({ store_id }) => ({ store_id })) } : {}),
  };
}
