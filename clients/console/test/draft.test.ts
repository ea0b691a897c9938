import { expect, test } from 'vitest';
import type { DeskRound } from '../src/server/rounds';
import type { Store } from '../src/server/stores';
import { EVERYBODY, empty, faults, fromRound, invited, offeredCents, toRound, type Draft, type Line } from '../src/wizard/draft';

const NOW_MS = Date.parse('2026-11-22T08:00:00Z');
const ZONE = 'Asia/Shanghai';
const store = (n: number, over: Partial<Store> = {}): Store => ({
  store_id: `s${n}`, code: `${n}`, name: `Store ${n}`, region: n % 2 ? 'odd' : 'even', credit_limit_cents: 0, dock_units_per_day: 0, suspended_until: null, active: true, ...over,
});
const line = (over: Partial<Line> = {}): Line => ({
  sku_id: 'k1', warehouse_id: 'w1', code: 'A1', name: 'Rum', warehouse: 'Centre', pack: 12, available: 48, units: 24, holdback: 0, min_claim: 1, price_cents: 250, cap_line: null, ...over,
});
const good = (over: Partial<Draft> = {}): Draft => ({ ...empty(NOW_MS, ZONE), name: 'Friday', lines: [line()], ...over });
const words = (draft: Draft, stores = 3) => faults(draft, stores, NOW_MS, ZONE).map(({ word }) => word);

test('a new one opens tomorrow at ten by the clock of the chain, for everybody', () => {
  const draft = good();
  expect(draft.opens).toBe('2026-11-23 10:00');
  const round = toRound(draft, [store(1), store(2)], NOW_MS, ZONE);
  expect(round).toMatchObject({ name: 'Friday', opens_at: '2026-11-23T02:00:00.000Z', closes_at: '2026-11-23T02:30:00.000Z', stores: 'all' });
  expect(round.lines).toEqual([{ sku_id: 'k1', warehouse_id: 'w1', pledged: 24, holdback: 0, price_cents: 250, pack: 12, min_claim: 1, cap_line: null }]);
});

test('stores are chosen by region, without those suspended now, and one by one', () => {
  const stores = [store(1), store(2), store(3, { suspended_until: '2026-11-23T00:00:00Z' }), store(5), store(7, { active: false }), store(9, { suspended_until: '2026-11-21T00:00:00Z' })];
  const choice = { ...EVERYBODY, regions: ['odd'], without_suspended: true, left_out: ['s5'] };
  expect(invited(stores, choice, NOW_MS).map(({ store_id }) => store_id)).toEqual(['s1', 's9']);
  expect(toRound(good({ stores: choice }), stores, NOW_MS, ZONE).stores).toEqual([{ store_id: 's1' }, { store_id: 's9' }]);
  // Inactive stores count for nobody: all the others are everybody.
  expect(toRound(good(), stores, NOW_MS, ZONE).stores).toBe('all');
});

test('a store of which a grade is not known is in no grade', () => {
  const stores = [store(1, { grade: 'A' }), store(3)];
  expect(invited(stores, { ...EVERYBODY, grades: ['A'] }, NOW_MS)).toHaveLength(1);
  expect(invited(stores, EVERYBODY, NOW_MS)).toHaveLength(2);
});

test('what is missing is named, in the order of the steps', () => {
  expect(words(good())).toEqual([]);
  expect(words(good({ name: '  ', lines: [] }), 0)).toEqual(['missing_lines', 'missing_stores', 'missing_name']);
  expect(words(good({ lines: [line({ units: 0 })] }))).toEqual(['missing_quantity']);
  expect(words(good({ lines: [line({ units: 12, holdback: 12 })] }))).toEqual(['missing_quantity']);
  expect(words(good({ opens: null }))).toEqual(['missing_opens']);
  expect(words(good({ opens: '2026-11-22 15:59', minutes: 0 }))).toEqual(['past_opens', 'missing_closes']);
});

test('a draft that is read and saved unchanged says the same, and leaves its stores alone', () => {
  const round = {
    name: 'Rum', opens_at: '2026-11-27T02:00:00.000Z', closes_at: '2026-11-27T02:45:00.000Z', invited_stores: 7,
    policy: { need_percent: 100, cap_no_need: 0, gate_percent: null, cap_round: 48, cap_day: null, cap_period: null, period_days: 7, deliver_in_days: 1 },
    lines: [{ sku: { sku_id: 'k1', code: 'A1', name: 'Rum' }, warehouse: { warehouse_id: 'w1', code: 'W', name: 'Centre' }, pack: 6, min_claim: 6, cap_line: 12, price_cents: 999, offered_units: 30, pledged: 36, holdback: 6 }],
  } as unknown as DeskRound;
  const draft = fromRound(round, ZONE);
  expect(offeredCents(draft)).toBe(30 * 999);
  const said = toRound(draft, [store(1)], NOW_MS, ZONE);
  expect(said).toEqual({
    name: 'Rum', opens_at: round.opens_at, closes_at: round.closes_at, policy: round.policy,
    lines: [{ sku_id: 'k1', warehouse_id: 'w1', pledged: 36, holdback: 6, price_cents: 999, pack: 6, min_claim: 6, cap_line: 12 }],
  });
});
