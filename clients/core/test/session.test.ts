import { beforeEach, expect, test } from 'vitest';
import { ServerClock, Session, TicketRefused, type Out } from '../src';
import { ScriptedNetwork, ScriptedTime, settle } from './scripted';

let time: ScriptedTime;
let network: ScriptedNetwork;
let heard: Out[];
let states: string[];
let snapshots: number[];
let chance: number;
let ticket: () => Promise<string>;
let tickets: number;

function session(of_a_store = true): Session {
  return new Session({
    transport: network, timers: time, random: () => chance, clock: new ServerClock(() => time.mono(), () => 0),
    ticket: () => { tickets += 1; return ticket(); },
    client: 'h5', version: '0.1.0', of_a_store,
    onFrame: (frame) => heard.push(frame),
    onState: (state, reason) => states.push(reason ? `${state} ${reason}` : state),
    onSnapshot: (seq) => snapshots.push(seq),
  });
}

async function ready(s: Session, store_seq = 41): Promise<void> {
  s.start();
  await settle();
  network.last.events.open();
  network.last.says({ t: 'welcome', session: 's', server_time_ms: 1, store_seq, heartbeat_ms: 20_000 });
}

const ordered = (store_seq: number) => ({
  t: 'ordered', store_seq, claim_id: 'c', round_id: 'r', orders: [], chain_n: 1, chain_hash: '', ordered_at_ms: 1,
});

beforeEach(() => {
  time = new ScriptedTime();
  network = new ScriptedNetwork();
  heard = []; states = []; snapshots = [];
  chance = 0.5; tickets = 0;
  ticket = () => Promise.resolve(`ticket-${tickets}`);
});

test('a ticket, a connection, hello, welcome, in this order', async () => {
  const s = session();
  await ready(s);
  expect(states).toEqual(['ticket', 'connecting', 'hello', 'ready']);
  expect(network.last.ticket).toBe('ticket-1');
  expect(network.last.sent[0]).toEqual({ t: 'hello', client: 'h5', version: '0.1.0' });
  expect(snapshots).toEqual([41]);
});

test('five pings set the clock, then one every heartbeat', async () => {
  const s = session();
  await ready(s);
  for (let i = 0; i < 5; i += 1) {
    network.last.says({ t: 'pong', t0: network.last.of('ping').at(-1)!.t0, t1: 1, t2: 1 });
    await time.pass(200);
  }
  expect(network.last.of('ping')).toHaveLength(5);
  await time.pass(19_800);
  expect(network.last.of('ping')).toHaveLength(6);
});

test('a silent server is left after eight seconds and found again with what was last heard', async () => {
  const s = session();
  await ready(s);
  network.last.says(ordered(42));
  await time.pass(8_199);
  expect(states.at(-1)).toBe('ready');
  await time.pass(1);
  expect(states.at(-1)).toBe('waiting');
  await time.pass(1_000);
  expect(network.sockets).toHaveLength(2);
  network.last.events.open();
  expect(network.last.sent[0]).toMatchObject({ t: 'hello', resume: { store_seq: 42 } });
});

test('store events come once and in order; a gap asks for a fresh reading', async () => {
  const s = session();
  await ready(s);
  for (const seq of [42, 42, 41, 43, 46]) network.last.says(ordered(seq));
  expect(heard.map((frame) => (frame as { store_seq: number }).store_seq)).toEqual([42, 43, 46]);
  expect(snapshots).toEqual([41, 46]);
});

test('a snapshot moves the mark and is read over HTTP', async () => {
  const s = session();
  await ready(s);
  network.last.says({ t: 'snapshot', store_seq: 90 });
  network.last.says(ordered(60));
  network.last.says(ordered(91));
  expect(snapshots).toEqual([41, 90]);
  expect(heard).toHaveLength(1);
});

test('bye is obeyed: not before the time it names, with jitter on top', async () => {
  const s = session();
  await ready(s);
  network.last.says({ t: 'bye', code: 1012, reconnect_after_ms: 1_500 });
  network.last.events.closed(1012);
  await time.pass(1_699);
  expect(network.sockets).toHaveLength(1);
  await time.pass(1);
  expect(network.sockets).toHaveLength(2);
});

test.each([[4403, 'not_yours'], [4409, 'replaced']])('close code %i ends it: %s', async (code, reason) => {
  const s = session();
  await ready(s);
  network.last.events.closed(code);
  await time.pass(120_000);
  expect(states.at(-1)).toBe(`stopped ${reason}`);
  expect(network.sockets).toHaveLength(1);
});

test('4401 gets one new ticket; a second one in a row means signing in', async () => {
  const s = session();
  await ready(s);
  network.last.events.closed(4401);
  await time.pass(1_000);
  expect(network.sockets).toHaveLength(2);
  network.last.events.closed(4401);
  expect(states.at(-1)).toBe('stopped sign_in');
});

test('a refused ticket means signing in; a lost one means patience', async () => {
  const s = session();
  ticket = () => Promise.reject(new Error('no network'));
  s.start();
  await settle();
  expect(states.at(-1)).toBe('waiting');
  ticket = () => Promise.reject(new TicketRefused('sign_in'));
  await time.pass(10_000);
  expect(states.at(-1)).toBe('stopped sign_in');
});

test('a role without a socket stops asking for tickets', async () => {
  const s = session();
  ticket = () => Promise.reject(new TicketRefused('not_yours'));
  s.start();
  await time.pass(60_000);
  expect(states.at(-1)).toBe('stopped not_yours');
  expect(tickets).toBe(1);
});

test('waiting grows with every failure, never beyond ten seconds, and starts over after a welcome', async () => {
  chance = 0.999;
  ticket = () => Promise.reject(new Error('no network'));
  const s = session();
  s.start();
  const gaps: number[] = [];
  for (let i = 0; i < 8; i += 1) {
    await settle();
    const before = time.now_ms;
    const n = tickets;
    while (tickets === n) await time.pass(10);
    gaps.push(time.now_ms - before);
  }
  expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
  expect(gaps[0]).toBeLessThanOrEqual(400);
  expect(gaps.at(-1)).toBeLessThanOrEqual(10_000);
  expect(gaps.at(-1)).toBeGreaterThan(9_000);
});

test('coming to the front probes the socket for two seconds', async () => {
  const s = session();
  await ready(s);
  for (let i = 0; i < 6; i += 1) { network.last.says({ t: 'pong', t0: time.now_ms, t1: 1, t2: 1 }); await time.pass(200); }
  s.background();
  s.foreground();
  await time.pass(1_999);
  expect(states.at(-1)).toBe('ready');
  await time.pass(1);
  expect(states.at(-1)).toBe('waiting');
});

test('a change of network ends the waiting at once; in the background nobody returns', async () => {
  chance = 0.9;
  const s = session();
  await ready(s);
  s.background();
  network.last.events.closed(1006);
  await time.pass(60_000);
  expect(network.sockets).toHaveLength(1);
  s.foreground();
  await settle();
  expect(network.sockets).toHaveLength(2);
});

test('watched rounds are asked for again on every new socket', async () => {
  const s = session(false);
  s.watch('r1');
  await ready(s, 0);
  expect(network.last.of('watch')).toEqual([{ t: 'watch', round_id: 'r1' }]);
  network.last.events.closed(1006);
  await time.pass(1_000);
  network.last.events.open();
  expect(network.last.sent[0]).toEqual({ t: 'hello', client: 'h5', version: '0.1.0' });
  network.last.says({ t: 'welcome', session: 's', server_time_ms: 1, store_seq: 0, heartbeat_ms: 20_000 });
  expect(network.last.of('watch')).toHaveLength(1);
});

test('what a dead socket still says is not heard', async () => {
  const s = session();
  await ready(s);
  const dead = network.last;
  dead.events.closed(1006);
  dead.says(ordered(42));
  expect(heard).toEqual([]);
  await time.pass(1_000);
  dead.events.closed(4409);
  expect(states.at(-1)).not.toBe('stopped replaced');
});

test('a new ticket renews the session in place', async () => {
  const s = session();
  await ready(s);
  await s.renew();
  expect(network.last.of('auth')).toEqual([{ t: 'auth', ticket: 'ticket-2' }]);
});
