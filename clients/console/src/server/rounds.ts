// Rounds, as a supervisor writes them down and headquarters see them.

import type { Page, RoundDetail, RoundItem, RoundLine, RoundState } from '@graborder/core';
import { live } from '../state';
import type { Policy } from './policy';
import { get, send } from './client';

export interface NewLine { sku_id: string; warehouse_id: string; pledged: number; holdback?: number; price_cents?: number; pack?: number; min_claim?: number; cap_line?: number | null }
export interface NewRound { name: string; opens_at: string; closes_at: string; policy: Policy; lines: NewLine[]; stores: 'all' | { store_id: string }[] }
export type RoundEdit = Partial<NewRound>;

/** What was done to a round, by whom and why; without a name it was the clock. */
export interface Step { at: string; step: string; by_name?: string; reason: string }

/** Why a round waits for a second person. */
export interface Approval {
  asked_by: string;
  asked_by_name: string;
  asked_at: string;
  /** Who changed it last; neither of the two can approve it. */
  edited_by?: string;
  value_cents: number;
  scarcity_percent: number;
  over: ('value' | 'scarcity')[];
}
/** Won and not taken back. Of a round that is over the server says it, as what was not won went back to stock. */
export function grantedUnits(round: { state: DeskState; offered_units: number; left_units: number; granted_units?: number }): number | null {
  if (round.granted_units !== undefined) return round.granted_units;
  return ['OPEN', 'PAUSED'].includes(round.state) ? round.offered_units - round.left_units : null;
}
export type DeskState = RoundState | 'PENDING_APPROVAL';
export type DeskLine = RoundLine & { sku: RoundLine['sku']; warehouse: { warehouse_id: string; code: string; name: string }; pledged?: number; holdback?: number };
export type DeskRound = Omit<RoundDetail, 'lines' | 'state'> & { state: DeskState; policy: Policy; lines: DeskLine[]; approval?: Approval | null; history?: Step[] };

export const past = (cursor: string) => get<Page<RoundItem>>('/rounds', { scope: 'past', limit: 50, cursor });
export const liveRounds = (cursor: string) => get<Page<RoundItem>>('/rounds', { scope: 'live', limit: 200, cursor });
export const read = (round_id: string) => live.api.ask<DeskRound>('GET', `/rounds/${round_id}`);
export const draft = (round: NewRound) => live.api.ask<DeskRound>('POST', '/rounds', { body: round });
export const edit = (round_id: string, changes: RoundEdit, etag: string) => live.api.ask<DeskRound>('PATCH', `/rounds/${round_id}`, { body: changes, if_match: etag });
export const approve = (round_id: string, reason: string) => send<DeskRound>('POST', `/rounds/${round_id}/approve`, reason ? { reason } : {});
export const sendBack = (round_id: string, reason: string) => send<DeskRound>('POST', `/rounds/${round_id}/send-back`, { reason });
