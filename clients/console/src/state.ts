// What headquarters watch: rounds and their figures, as absolute states of which the newest counts.

import {
  add, applyRound, begin as beginHistory,
  type Board, type History, type Out, type RoundDetail, type RoundFrame, type RoundItem,
} from '@graborder/core';
import { createLive, timers } from '@graborder/look';
import { computed, reactive, ref, shallowRef, watch } from 'vue';
import { mayAs } from './may';
import type { Verb } from './steer';
import { readAll } from './server/client';
import { liveRounds as liveOnes } from './server/rounds';

export const live = createLive({ client: 'console', version: '0.1.0', tick_ms: 250, onFrame, onReady: () => undefined, onSnapshot: () => void readRounds() });

export const rounds = reactive(new Map<string, RoundItem>());
export const past = shallowRef<RoundItem[]>([]);
export const details = reactive(new Map<string, RoundDetail>());
export const boards = reactive(new Map<string, Board>());
export const histories = reactive(new Map<string, History>());
export const loaded = ref(false);
export const failed = ref(false);
/** What was asked of a round and is not seen yet. */
export const asked = reactive(new Map<string, Verb>());

/** Rounds that are coming or running at once; nobody watches more. */
const LIVE_MAX = 1_000;
const newest = new Map<string, number>();

export const sees_rounds = computed(() => live.user.value !== null && !live.user.value.store && mayAs(live.user.value.role, 'SeeRounds'));

/** For what changes by the day or the minute: lists are not drawn anew with every tick of the clock. */
export const minute_ms = computed(() => Math.floor(live.now_ms.value / 60_000) * 60_000);

export const liveRounds = computed(() => [...rounds.values()].sort((a, b) => a.opens_at_ms - b.opens_at_ms));

watch(live.user, () => {
  for (const map of [rounds, details, boards, histories, newest, asked]) map.clear();
  past.value = [];
  loaded.value = false;
  if (live.user.value) void readRounds();
}, { flush: 'sync' });

function fresh(t: string, frame: { round_id: string; version: number }): boolean {
  const key = t + frame.round_id;
  if ((newest.get(key) ?? -1) >= frame.version) return false;
  newest.set(key, frame.version);
  return true;
}

function onFrame(frame: Out): void {
  if (frame.t === 'round' && fresh('round', frame)) changed(frame);
  else if (frame.t === 'board' && fresh('board', frame)) figures(frame);
  else if (frame.t === 'error') console.warn(`the server did not take a frame: ${frame.code}`, frame.text);
}

function changed(frame: RoundFrame): void {
  const item = rounds.get(frame.round_id);
  const detail = details.get(frame.round_id);
  if (item && item.state !== frame.state) asked.delete(frame.round_id);
  if (item && item.closes_at_ms !== frame.closes_at_ms) asked.delete(frame.round_id);
  if (detail) details.set(frame.round_id, applyRound(detail, frame));
  if (item) rounds.set(frame.round_id, applyRound(item, frame));
  if (!item || ['CLOSED', 'ARCHIVED', 'CANCELLED'].includes(frame.state)) timers.after(300, () => void readRounds());
}

function figures(board: Board): void {
  boards.set(board.round_id, board);
  const item = rounds.get(board.round_id) ?? details.get(board.round_id);
  if (!item) return;
  const known = histories.get(board.round_id) ?? recall(board.round_id);
  const next = known ? add(known, board) : beginHistory(Date.parse(item.opens_at), board);
  histories.set(board.round_id, next);
  keep(board.round_id, next);
}

/** A reload of the wall must not lose the curve: it is kept as long as the window. */
function recall(round_id: string): History | undefined {
  try {
    const text = sessionStorage.getItem(`graborder.board.${round_id}`);
    return text ? (JSON.parse(text) as History) : undefined;
  } catch (error) {
    console.warn('the curve of this round could not be read back', error);
    return undefined;
  }
}

function keep(round_id: string, history: History): void {
  try {
    sessionStorage.setItem(`graborder.board.${round_id}`, JSON.stringify(history));
  } catch (error) {
    console.warn('the curve of this round could not be kept for a reload', error);
  }
}

export async function readRounds(): Promise<void> {
  if (!sees_rounds.value) return;
  try {
    const [now, over] = await Promise.all([readAll(liveOnes, LIVE_MAX), live.api.rounds('past')]);
    const kept = new Set(now.map((item) => item.round_id));
    for (const round_id of [...rounds.keys()]) if (!kept.has(round_id)) rounds.delete(round_id);
    for (const item of now) {
      rounds.set(item.round_id, item);
      live.session()?.watch(item.round_id);
    }
    past.value = over.items;
    failed.value = false;
  } catch (error) {
    failed.value = true;
    console.warn('the rounds could not be read', error);
  }
  loaded.value = true;
}

export async function readBoard(round_id: string): Promise<void> {
  details.set(round_id, await live.api.round(round_id));
  live.session()?.watch(round_id);
  const board = await live.api.board(round_id);
  if ((newest.get('board' + round_id) ?? -1) < (board.version ?? 0)) figures(board);
  else if (!boards.has(round_id)) figures(board);
}

export function begin(): void {
  live.begin();
}
