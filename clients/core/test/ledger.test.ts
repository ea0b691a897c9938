import { beforeEach, expect, test } from 'vitest';
import { ClaimLedger, uuid, type ClaimBody, type HttpAnswer, type In, type Ordered, type Verdict } from '../src';
import { Memory, ScriptedTime, settle } from './scripted';

const LINES = [{ line_id: 'b', qty: 6 }, { line_id: 'a', qty: 12 }];
let time: ScriptedTime;
let memory: Memory;
let overSocket: In[];
let overHttp: ClaimBody[];
let socketUp: boolean;
let http: (body: ClaimBody) => Promise<HttpAnswer>;
let minted: number;

function ledger(): ClaimLedger {
  return new ClaimLedger({
    storage: memory, key: 'claims', timers: time, random: () => 0.5, server_now: () => time.now_ms, onChange: () => undefined,
    mintId: () => `claim-${++minted}`,
    viaSocket: (frame) => { if (socketUp) overSocket.push(frame); return socketUp; },
    viaHttp: (body) => { overHttp.push(body); return http(body); },
  });
}

function verdict(over: Partial<Verdict> = {}): Verdict {
  return { claim_id: 'claim-1', round_id: 'r', status: 'won', lines: [], decided_at_ms: 5, epoch: 1, ...over } as Verdict;
}
const ordered: Ordered = { claim_id: 'claim-1', round_id: 'r', orders: [], chain_n: 1, chain_hash: '', ordered_at_ms: 9 };
const notDecided = (code: string, numbers: Record<string, unknown>) => verdict({ status: 'not_decided', decided_at_ms: undefined, code, numbers } as Partial<Verdict>);

beforeEach(() => {
  time = new ScriptedTime();
  memory = new Memory();
  overSocket = []; overHttp = [];
  socketUp = true; minted = 0;
  http = () => Promise.resolve({ kind: 'unknown' });
});

test('the claim stands in storage before it leaves the phone', () => {
  let stored: string | null = null;
  const l = new ClaimLedger({
    storage: memory, key: 'claims', timers: time, random: () => 0, server_now: () => 0, onChange: () => undefined, mintId: () => 'x',
    viaSocket: () => { stored = memory.read('claims'); return true; }, viaHttp: http,
  });
  l.claim('r', LINES);
  expect(stored).toContain('"claim_id":"x"');
});

test('lines leave sorted, so that the same basket is the same body', () => {
  ledger().claim('r', LINES);
  expect(overSocket[0]).toEqual({ t: 'claim', claim_id: 'claim-1', round_id: 'r', mode: 'PARTIAL', lines: [{ line_id: 'a', qty: 12 }, { line_id: 'b', qty: 6 }] });
});

test('ten taps at once are one claim', () => {
  const l = ledger();
  for (let i = 0; i < 10; i += 1) l.claim('r', LINES);
  expect(minted).toBe(1);
  expect(overSocket).toHaveLength(1);
});

test('without an answer over the socket the same id goes over HTTP, again and again', async () => {
  const l = ledger();
  l.claim('r', LINES);
  await time.pass(2_500);
  expect(overHttp.map((b) => b.claim_id)).toEqual(['claim-1']);
  await time.pass(30_000);
  expect(overHttp.length).toBeGreaterThan(2);
  expect(new Set([...overHttp, ...overSocket].map((b) => (b as ClaimBody).claim_id))).toEqual(new Set(['claim-1']));
  l.verdict(verdict());
  const sent = overHttp.length + overSocket.length;
  await time.pass(60_000);
  expect(overHttp.length + overSocket.length).toBe(sent);
});

test('offline it goes straight to HTTP, and over the socket the moment it is back', async () => {
  socketUp = false;
  http = () => Promise.reject(new Error('offline'));
  const l = ledger();
  l.claim('r', LINES);
  await settle();
  expect(overHttp).toHaveLength(1);
  socketUp = true;
  l.resend();
  expect(overSocket).toHaveLength(1);
});

test('a reload sends the same id again', async () => {
  const first = ledger();
  first.claim('r', LINES);
  first.stop();
  const second = ledger();
  second.resend();
  expect(overSocket.map((f) => (f as ClaimBody).claim_id)).toEqual(['claim-1', 'claim-1']);
  second.verdict(verdict({ status: 'refused' }));
  expect(ledger().current('r')?.state).toBe('refused');
});

test('won is not ordered; ordered needs the books, in whichever order they are heard', () => {
  const l = ledger();
  l.claim('r', LINES);
  l.verdict(verdict());
  expect(l.current('r')?.state).toBe('won');
  l.ordered(ordered);
  expect(l.current('r')?.state).toBe('ordered');
  l.seen('claim-1');
  l.claim('r', LINES);
  l.ordered({ ...ordered, claim_id: 'claim-2' });
  expect(l.current('r')?.state).toBe('pending');
  l.verdict(verdict({ claim_id: 'claim-2' }));
  expect(l.current('r')?.state).toBe('ordered');
});

test('the first decided verdict stands, whatever comes later', () => {
  const l = ledger();
  l.claim('r', LINES);
  l.verdict(verdict());
  l.verdict(verdict({ status: 'refused' }));
  l.verdict(notDecided('E02', { paused_at_ms: 1 }));
  expect(l.current('r')?.verdict?.status).toBe('won');
});

test('a hair too early goes out again at the opening, under its own id', async () => {
  const l = ledger();
  l.claim('r', LINES);
  l.verdict(notDecided('E01', { opens_at_ms: 1_400, closes_at_ms: 9_000, recv_at_ms: 1_200 }));
  expect(l.current('r')?.state).toBe('pending');
  await time.pass(219);
  expect(overSocket).toHaveLength(1);
  await time.pass(1);
  expect(overSocket).toHaveLength(2);
});

test('much too early rests, and says why', async () => {
  const l = ledger();
  l.claim('r', LINES);
  l.verdict(notDecided('E01', { opens_at_ms: 61_000, closes_at_ms: 90_000, recv_at_ms: 1_200 }));
  expect(l.current('r')).toMatchObject({ state: 'resting', reason: { code: 'E01' } });
  await time.pass(120_000);
  expect(overSocket).toHaveLength(1);
});

test('after the close it rests at once', () => {
  const l = ledger();
  l.claim('r', LINES);
  l.verdict(notDecided('E01', { opens_at_ms: 100, closes_at_ms: 900, recv_at_ms: 1_200 }));
  expect(l.current('r')?.state).toBe('resting');
});

test('too busy: the next tap with the same basket takes the same id, another basket another one', () => {
  const l = ledger();
  l.claim('r', LINES);
  l.verdict(notDecided('overloaded', { retry_after_ms: 1_000 }));
  expect(l.claim('r', LINES).claim_id).toBe('claim-1');
  l.verdict(notDecided('overloaded', { retry_after_ms: 1_000 }));
  expect(l.claim('r', [{ line_id: 'a', qty: 12 }]).claim_id).toBe('claim-2');
});

test('a late verdict on a resting claim still counts: the older copy had arrived', () => {
  const l = ledger();
  l.claim('r', LINES);
  l.verdict(notDecided('overloaded', { retry_after_ms: 1_000 }));
  l.verdict(verdict());
  expect(l.current('r')?.state).toBe('won');
});

test.each([
  ['unavailable', 'pending'], ['not_found', 'pending'], ['E20', 'resting'], ['too_fast', 'resting'], ['overloaded', 'resting'],
])('an error frame %s leaves the claim %s', (code, state) => {
  const l = ledger();
  l.claim('r', LINES);
  l.error('claim-1', code, 700);
  expect(l.current('r')?.state).toBe(state);
});

test('an unknown outcome is asked for again after the time given', async () => {
  const l = ledger();
  l.claim('r', LINES);
  l.error('claim-1', 'unavailable', 900);
  await time.pass(899);
  expect(overSocket).toHaveLength(1);
  await time.pass(1);
  expect(overSocket).toHaveLength(2);
});

test('a round that is gone ends the asking', async () => {
  socketUp = false;
  http = () => Promise.resolve({ kind: 'gone' });
  const l = ledger();
  l.claim('r', LINES);
  await settle();
  expect(l.current('r')).toMatchObject({ state: 'resting', reason: { code: 'gone' } });
});

test('a revoked win is told, even after it had been put aside', () => {
  const l = ledger();
  l.claim('r', LINES);
  l.verdict(verdict());
  l.seen('claim-1');
  l.revoked({ claim_id: 'claim-1', round_id: 'r', reason: 'exhausted', lines: [] });
  expect(l.current('r')?.state).toBe('revoked');
});

test('broken storage is an empty ledger, not a dead page', () => {
  memory.write('claims', '[{"claim_id":');
  expect(ledger().all()).toEqual([]);
});

test('claims of yesterday are forgotten, unanswered ones are not', async () => {
  socketUp = false;
  const l = ledger();
  l.claim('r1', LINES);
  l.verdict(verdict({ round_id: 'r1', status: 'refused' }));
  l.claim('r2', LINES);
  time.now_ms += 25 * 3_600_000;
  l.claim('r3', LINES);
  expect(l.all().map((e) => e.round_id)).toEqual(['r2', 'r3']);
});

test('ids are version 4 and well formed', () => {
  expect(uuid(new Uint8Array(16).fill(255))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
  expect(uuid(new Uint8Array(16))).toBe('00000000-0000-4000-8000-000000000000');
});
