// The golden frames are shared with the server's tests: what it writes is what is read here.

import { describe, expect, test } from 'vitest';
import { formatter, readFrame, reasonWords, type In, type Out, type Reason } from '../src';

const golden = import.meta.glob<Record<string, unknown>>('../../../tests/golden/frames/*.json', { eager: true, import: 'default' });
const named = Object.entries(golden).map(([path, frame]) => [path.replace(/.*\/(.*)\.json/, '$1'), frame] as const);
const outs = named.filter(([name]) => name.startsWith('out-'));
const ins = named.filter(([name]) => name.startsWith('in-'));

// One example a type, checked by the compiler to name every field the server writes.
const OUT_FIELDS: { [T in Out['t']]: string[] } = {
  welcome: ['heartbeat_ms', 'server_time_ms', 'session', 'store_seq'],
  snapshot: ['store_seq'],
  pong: ['t0', 't1', 't2'],
  verdict: ['claim_id', 'code?', 'decided_at_ms?', 'epoch?', 'lines', 'numbers?', 'round_id', 'status'],
  round: ['chain_hash', 'chain_n', 'closes_at_ms', 'lines', 'opens_at_ms', 'paused_at_ms?', 'round_id', 'server_time_ms', 'state', 'version'],
  board: ['as_of_ms', 'claims', 'granted_units', 'lines', 'refused', 'revoked', 'round_id', 'server_time_ms', 'sessions_online',
    'stores_online', 'version', 'winners', 'winning_stores', 'won'],
  ordered: ['chain_hash', 'chain_n', 'claim_id', 'ordered_at_ms', 'orders', 'round_id', 'store_seq'],
  revoked: ['claim_id', 'lines', 'reason', 'round_id', 'store_seq'],
  order: ['at_ms', 'order_id', 'order_no', 'shipment_id', 'shipment_state', 'state', 'store_seq'],
  notice: ['notice', 'round_id', 'store_seq'],
  error: ['claim_id?', 'code', 'retry_after_ms?', 'text'],
  bye: ['code', 'reconnect_after_ms?'],
};
const IN_FIELDS: { [T in In['t']]: string[] } = {
  hello: ['client', 'resume?', 'version'],
  auth: ['ticket'],
  ping: ['t0'],
  claim: ['claim_id', 'lines', 'mode', 'round_id'],
  claim_status: ['claim_id', 'round_id'],
  watch: ['round_id'],
};

function expectFields(frame: Record<string, unknown>, fields: string[]): void {
  const given = Object.keys(frame).filter((key) => key !== 't');
  const known = new Set(fields.map((field) => field.replace('?', '')));
  expect(given.filter((key) => !known.has(key))).toEqual([]);
  expect(fields.filter((field) => !field.endsWith('?') && !given.includes(field))).toEqual([]);
}

describe('golden frames', () => {
  test('every type of frame has an example', () => {
    expect(new Set(outs.map(([, frame]) => frame.t))).toEqual(new Set(Object.keys(OUT_FIELDS)));
    expect(new Set(ins.map(([, frame]) => frame.t))).toEqual(new Set(Object.keys(IN_FIELDS)));
  });

  test.each(outs)('%s is read with the fields this client knows', (_, frame) => {
    const read = readFrame(JSON.stringify(frame));
    expect(read).not.toBeNull();
    expectFields(frame, OUT_FIELDS[read!.t]);
  });

  test.each(ins)('%s says what this client says', (_, frame) => {
    expectFields(frame, IN_FIELDS[frame.t as In['t']]);
  });

  test('every code of a verdict has words with its numbers, in both languages', () => {
    const seen = new Set<string>();
    for (const [, frame] of outs) {
      if (frame.t !== 'verdict' || !frame.code) continue;
      const reason = { code: frame.code, numbers: frame.numbers } as Reason;
      seen.add(reason.code);
      for (const lang of ['zh', 'en'] as const) {
        const words = reasonWords(reason, { fmt: formatter(lang, 'Asia/Shanghai') });
        expect(words.title).not.toBe('');
        expect(words.sentence).not.toMatch(/[{}]|undefined|NaN/);
        for (const row of words.rows) expect(row.value).not.toMatch(/undefined|NaN/);
      }
    }
    expect([...seen].sort()).toEqual([
      'E01', 'E02', 'E03', 'E04', 'E05', 'E06', 'E07', 'E08', 'E09', 'E10', 'E11', 'E12', 'E13', 'E14', 'E16', 'E17', 'E20', 'overloaded',
    ]);
  });

  test('a frame of a type from the future is skipped, broken JSON is an error', () => {
    expect(readFrame('{"t":"waitlist","place":5}')).toBeNull();
    expect(() => readFrame('{"t":')).toThrow();
  });
});
