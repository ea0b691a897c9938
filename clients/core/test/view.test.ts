import { expect, test } from 'vitest';
import {
  applyGrant, applyRound, bar, bigButton, instead, suggest, totals,
  type ClaimEntry, type RoundDetail, type RoundFrame, type RoundLine, type Seen,
} from '../src';

const OPENS = 100_000;

function line(over: Partial<RoundLine> = {}, own: Partial<RoundLine['own']> = {}): RoundLine {
  return {
    line_id: 'a', line_no: 1, sku: { sku_id: 's', code: '1', name: 'A', category: '' }, warehouse: { code: 'W', name: 'W' },
    pack: 12, min_claim: 1, price_cents: 1_000, offered_units: 240, left_units: 240, ...over,
    own: { listed: true, need_units: 20, net_units: 0, target_units: 24, cap_units: 36, taken_units: 0, gate: 24, ...own },
  } as RoundLine;
}
function round(over: Partial<RoundDetail> = {}): RoundDetail {
  return {
    round_id: 'r', code: 'R1', name: 'R', state: 'OPEN', mode: 'INSTANT', opens_at: '', closes_at: '', shift_ms: 0,
    opens_at_ms: OPENS, closes_at_ms: OPENS + 60_000, offered_units: 240, left_units: 240, invited_stores: 3, line_count: 1,
    chain_n: 0, chain_hash: '', lines: [line()],
    own: { offset_ms: 0, credit_left_cents: 10_000_000, cap_round: null, taken_units: 0 }, ...over,
  };
}
function entry(over: Partial<ClaimEntry> = {}): ClaimEntry {
  return { claim_id: 'c', round_id: 'r', lines: [{ line_id: 'a', qty: 24 }], mode: 'PARTIAL', tapped_at_ms: OPENS, state: 'pending', tries: 1, seen: false, ...over };
}
const seen = (over: Partial<Seen> = {}): Seen => ({ round: round(), chosen: 24, now_ms: OPENS + 1, online: true, ...over });

test('grey until the server’s time has come, orange from that millisecond on', () => {
  expect(bigButton(seen({ now_ms: OPENS - 1 }))).toMatchObject({ face: 'off', tap: 'shake', wait_ms: 1, stage: false });
  expect(bigButton(seen({ now_ms: OPENS }))).toMatchObject({ face: 'armed', tap: 'send' });
});

test('a lost frame does not keep the button grey: the time alone arms it', () => {
  expect(bigButton(seen({ round: round({ state: 'WARMING' }) })).face).toBe('armed');
});

test('a later stage waits for its own time', () => {
  const staged = round({ own: { offset_ms: 5_000, credit_left_cents: 1, taken_units: 0 } });
  expect(bigButton(seen({ round: staged }))).toMatchObject({ face: 'off', stage: true, wait_ms: 4_999 });
  expect(bigButton(seen({ round: staged, now_ms: OPENS + 5_000 })).face).toBe('armed');
});

test.each([
  ['PAUSED', 'paused', 'paused'], ['SETTLING', 'off', 'closed'], ['CLOSED', 'off', 'closed'], ['CANCELLED', 'off', 'cancelled'],
] as const)('a round that is %s shows %s', (state, face, say) => {
  expect(bigButton(seen({ round: round({ state }) }))).toMatchObject({ face, say, tap: 'none' });
});

test('the end comes by the clock too', () => {
  expect(bigButton(seen({ now_ms: OPENS + 60_000 }))).toMatchObject({ face: 'off', say: 'closed' });
});

test('pressed, then on its way, then kept; offline it is kept at once', () => {
  const at = (ms: number, online = true) => bigButton(seen({ entry: entry(), now_ms: OPENS + ms, online })).face;
  expect([at(0), at(299), at(300), at(2_999), at(3_000)]).toEqual(['pressed', 'pressed', 'sending', 'sending', 'kept']);
  expect(at(10, false)).toBe('kept');
});

test('won is booking until the books say ordered', () => {
  const won = { state: 'won' as const, heard_at_ms: OPENS };
  expect(bigButton(seen({ entry: entry(won), now_ms: OPENS + 100 }))).toMatchObject({ face: 'booking', say: 'booking' });
  expect(bigButton(seen({ entry: entry(won), now_ms: OPENS + 5_000 }))).toMatchObject({ face: 'booking', say: 'booking_long' });
  expect(bigButton(seen({ entry: entry({ state: 'ordered' }) })).face).toBe('ordered');
});

test('a verdict keeps the button, until it has been seen', () => {
  const verdict = { claim_id: 'c', round_id: 'r', status: 'refused', lines: [], code: 'E11', numbers: { cap: 1, taken: 1, left: 0 } } as const;
  const refused = entry({ state: 'refused', verdict: { ...verdict, lines: [] } });
  expect(bigButton(seen({ entry: refused })).face).toBe('refused');
  expect(bigButton(seen({ entry: { ...refused, seen: true } })).face).toBe('armed');
});

test('too busy leaves the button armed', () => {
  expect(bigButton(seen({ entry: entry({ state: 'resting' }) })).face).toBe('armed');
});

test('nothing chosen, nothing allowed, nothing left', () => {
  expect(bigButton(seen({ chosen: 0 }))).toMatchObject({ face: 'off', say: 'choose' });
  expect(bigButton(seen({ round: round({ lines: [line({}, { listed: false })] }) }))).toMatchObject({ say: 'nothing' });
  expect(bigButton(seen({ round: round({ lines: [line({ left_units: 11 })] }) }))).toMatchObject({ face: 'soldout', say: 'all_sold_out' });
});

test('why a line cannot be had, first reason first', () => {
  expect(bar(line())).toBeNull();
  expect(bar(line({}, { listed: false, net_units: 99 }))).toBe('not_listed');
  expect(bar(line({ left_units: 0 }, { net_units: 24 }))).toBe('stock_enough');
  expect(bar(line({ left_units: 11 }))).toBe('sold_out');
  expect(bar(line({}, { cap_units: 0, taken_units: 24 }))).toBe('cap_reached');
  expect(bar(line({}, { cap_units: 0 }))).toBe('no_need');
  expect(bar(line({ min_claim: 13, left_units: 20 }))).toBe('sold_out');
});

test('the suggestion is the missing need in whole cases, as far as caps, stock and credit go', () => {
  expect(suggest(round())).toEqual({ a: 24 });
  expect(suggest(round({ lines: [line({}, { cap_units: 13 })] }))).toEqual({ a: 12 });
  expect(suggest(round({ lines: [line({ left_units: 12 })] }))).toEqual({ a: 12 });
  expect(suggest(round({ lines: [line({}, { taken_units: 12 })] }))).toEqual({ a: 12 });
  expect(suggest(round({ own: { offset_ms: 0, credit_left_cents: 13_000, taken_units: 0 } }))).toEqual({ a: 12 });
  expect(suggest(round({ own: { offset_ms: 0, credit_left_cents: 1e9, cap_round: 30, taken_units: 12 } }))).toEqual({ a: 12 });
});

test('totals count cases, bottles and money', () => {
  expect(totals([line(), line({ line_id: 'b', pack: 6 })], { a: 24, b: 6, c: 99 })).toEqual({ packs: 3, units: 30, cents: 30_000, lines: 2 });
});

test('a round frame replaces state, times and what is left', () => {
  const frame: RoundFrame = {
    t: 'round', version: 2, server_time_ms: 1, round_id: 'r', state: 'PAUSED', opens_at_ms: 5, closes_at_ms: 9, paused_at_ms: 7,
    lines: [{ line_id: 'a', left: 12 }], chain_n: 1, chain_hash: '',
  };
  const after = applyRound(round(), frame);
  expect(after).toMatchObject({ state: 'PAUSED', opens_at_ms: 5, closes_at_ms: 9, left_units: 12, paused_at: '1970-01-01T00:00:00.007Z' });
  expect(after.lines[0]!.left_units).toBe(12);
  expect(applyRound(round(), { ...frame, round_id: 'other' }).state).toBe('OPEN');
});

test('a grant lowers what may still be taken at once', () => {
  const after = applyGrant(round(), [{ line_id: 'a', asked: 24, granted: 24 }]);
  expect(after.lines[0]!.own).toMatchObject({ cap_units: 12, taken_units: 24 });
  expect(after.own).toMatchObject({ taken_units: 24, credit_left_cents: 9_976_000 });
  expect(suggest(after)).toEqual({ a: 0 });
});

test('after a refusal the way out is what the reason leaves, else another line', () => {
  const refused = (code: string, numbers: object) => entry({
    state: 'refused',
    verdict: { claim_id: 'c', round_id: 'r', status: 'refused', lines: [{ line_id: 'a', asked: 24, granted: 0, code, numbers }], code, numbers } as never,
  });
  expect(instead(refused('E11', { cap: 48, taken: 36, left: 14 }), round())).toEqual({ a: 12 });
  expect(instead(refused('E08', { pack: 12, asked: 24, fix: 36 }), round())).toEqual({ a: 36 });
  expect(instead(refused('E13', { short_cents: 1, left_cents: 12_500, need_cents: 24_000 }), round())).toEqual({ a: 12 });
  const two = round({ lines: [line({ left_units: 0 }), line({ line_id: 'b', pack: 6 }, { need_units: 6 })] });
  expect(instead(refused('E14', { sold_out_at_ms: 1, recv_at_ms: 2, left: 0 }), two)).toEqual({ b: 6 });
  expect(instead(refused('E04', {}), two)).toEqual({});
  expect(instead(refused('E05', { until_ms: 1 }), two)).toEqual({});
  expect(instead(refused('E12', { cap: 12, taken: 12, left: 0, span: 'day' }), two)).toEqual({});
});
