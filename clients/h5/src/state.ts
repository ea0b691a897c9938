// The store page's one composition: what it knows of rounds, orders and claims, and what changes them.
// HTTP gives whole states, the socket gives changes; of two, the younger counts.

import {
  ClaimLedger, applyGrant, applyRound, currentOf, timing, phase,
  type ClaimEntry, type OrderDetail, type OrderItem, type Out, type RoundDetail, type RoundFrame, type RoundItem, type RoundState,
} from '@graborder/core';
import { buzz, createLive, mintId, storage, timers } from '@graborder/look';
import { computed, reactive, ref, shallowRef, watch } from 'vue';

export const live = createLive({ client: 'h5', version: '0.1.0', tick_ms: 50, onFrame, onReady, onSnapshot: () => void readAll() });

export const rounds = reactive(new Map<string, RoundDetail>());
export const past = shallowRef<RoundItem[]>([]);
export const orders = shallowRef<OrderItem[]>([]);
export const orderDetails = reactive(new Map<string, OrderDetail>());
export const loaded = ref(false);
export const failed = ref(false);
/** When HTTP last gave the whole picture, on the server's clock. */
export const as_of_ms = ref(0);

export const ledger = shallowRef<ClaimLedger | null>(null);
/** What screens watch: copies, as the ledger changes its entries in place. */
const entries = shallowRef<ClaimEntry[]>([]);
const newest = new Map<string, RoundFrame>();
let counted = new Set<string>();

export function claimOf(round_id: string): ClaimEntry | undefined {
  return currentOf(entries.value, round_id);
}

/** Rounds that are not over, soonest first; what runs now stands before what comes. */
export const liveRounds = computed(() => [...rounds.values()]
  .filter((round) => !['closed', 'cancelled'].includes(phase(timing(round), live.now_ms.value)))
  .sort((a, b) => a.opens_at_ms - b.opens_at_ms || (a.code < b.code ? -1 : 1)));

watch(live.user, (user) => {
  ledger.value?.stop();
  rounds.clear();
  orderDetails.clear();
  newest.clear();
  past.value = [];
  orders.value = [];
  entries.value = [];
  loaded.value = false;
  ledger.value = user?.store ? new ClaimLedger({
    storage, key: `graborder.claims.${user.user_id}`, timers, random: Math.random, mintId, server_now: () => live.clock.now(),
    viaSocket: (frame) => live.session()?.send(frame) ?? false,
    viaHttp: (body) => live.api.claim(body),
    onChange: changedClaims,
  }) : null;
  if (ledger.value) {
    entries.value = ledger.value.all().map((entry) => ({ ...entry }));
    counted = new Set(ledger.value.all().filter((entry) => entry.verdict).map((entry) => entry.claim_id));
    ledger.value.resend();
    void readAll();
  }
}, { flush: 'sync' });

export function begin(): void {
  live.begin();
}

function onReady(): void {
  ledger.value?.resend();
}

function onFrame(frame: Out): void {
  switch (frame.t) {
    case 'verdict': return ledger.value?.verdict(frame);
    case 'round': return changed(frame);
    case 'ordered':
      ledger.value?.ordered(frame);
      buzz(40);
      return soon(() => Promise.all([readOrders(), readRound(frame.round_id)]));
    case 'revoked':
      ledger.value?.revoked(frame);
      return soon(() => Promise.all([readOrders(), readRound(frame.round_id)]));
    case 'order':
      orders.value = orders.value.map((order) => order.order_id === frame.order_id
        ? { ...order, state: frame.state, shipment: { ...order.shipment, state: frame.shipment_state } } : order);
      return soon(() => Promise.all([readOrders(), orderDetails.has(frame.order_id) ? readOrder(frame.order_id) : null]));
    case 'notice': return soon(readRounds);
    case 'error': {
      const { claim_id, code, retry_after_ms } = frame;
      if (claim_id) ledger.value?.error(claim_id, code, retry_after_ms);
      else console.warn(`the server did not take a frame: ${code}`, frame.text);
      return;
    }
    default: return;
  }
}

function changedClaims(): void {
  entries.value = (ledger.value?.all() ?? []).map((entry) => ({ ...entry }));
  // A grant counts at once, whichever way it was heard; the books are read again when they say ordered.
  for (const { claim_id, round_id, verdict } of entries.value) {
    if (!verdict || counted.has(claim_id)) continue;
    counted.add(claim_id);
    const round = rounds.get(round_id);
    if (round) rounds.set(round_id, applyGrant(round, verdict.lines));
  }
}

function isOver(state: RoundState): boolean {
  return state === 'CLOSED' || state === 'ARCHIVED' || state === 'CANCELLED';
}

function changed(frame: RoundFrame): void {
  const last = newest.get(frame.round_id);
  if (last && last.version >= frame.version) return;
  newest.set(frame.round_id, frame);
  const round = rounds.get(frame.round_id);
  const over = isOver(frame.state);
  if (!round) return over ? undefined : soon(readRounds);
  if (over) soon(readRounds, 3_000);
  if (round.state === 'PAUSED' && frame.state === 'OPEN') buzz(200);
  rounds.set(round.round_id, applyRound(round, frame));
}

/** What reaches thousands at once must not make them all read at once. */
function soon(run: () => Promise<unknown>, within_ms = 400): void {
  timers.after(Math.random() * within_ms, () => void quietly(run));
}

async function quietly(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
    failed.value = false;
  } catch (error) {
    // The last known values stay, marked with their time; the next snapshot or a touch reads again.
    failed.value = true;
    console.warn('could not be read', error);
  }
}

export async function readAll(): Promise<void> {
  await quietly(() => Promise.all([readRounds(), readOrders()]));
  loaded.value = true;
}

async function readRounds(): Promise<void> {
  const [now, over] = await Promise.all([live.api.rounds('live'), live.api.rounds('past')]);
  past.value = over.items;
  // A round that is over stays known: somebody may be looking at what it brought.
  const coming = new Set(now.items.map((item) => item.round_id));
  const ended = [...rounds.values()].filter((round) => !coming.has(round.round_id) && !isOver(round.state));
  await Promise.all([...coming, ...ended.map((round) => round.round_id)].map(readRound));
  for (const { round_id } of now.items) live.session()?.watch(round_id);
  as_of_ms.value = live.clock.now();
}

export async function readRound(round_id: string): Promise<void> {
  const asked_ms = live.clock.now();
  const round = await live.api.round(round_id);
  const frame = newest.get(round_id);
  rounds.set(round_id, frame && frame.server_time_ms >= asked_ms ? applyRound(round, frame) : round);
}

async function readOrders(): Promise<void> {
  const page = await live.api.orders();
  orders.value = page.items;
  // A win whose "ordered" was missed while the page was closed.
  for (const entry of ledger.value?.all() ?? []) {
    if (entry.state !== 'won' && entry.state !== 'pending') continue;
    const mine = page.items.filter((order) => order.claim_id === entry.claim_id);
    if (mine.length > 0) {
      ledger.value?.ordered({
        claim_id: entry.claim_id, round_id: entry.round_id, chain_n: 0, chain_hash: '',
        ordered_at_ms: Date.parse(mine[0]!.ordered_at),
        orders: mine.map(({ order_id, order_no, units, total_cents, promised_date }) => ({ order_id, order_no, units, total_cents, promised_date })),
      });
    }
  }
}

export async function readOrder(order_id: string): Promise<void> {
  orderDetails.set(order_id, await live.api.order(order_id));
}
