// Stores, as headquarters see them.

import type { Page } from '@graborder/core';
import { get, readAll, send } from './client';

export interface Store {
  store_id: string;
  code: string;
  name: string;
  region: string;
  /** Where the books know more of a store. */
  format?: string | null;
  grade?: string | null;
  credit_limit_cents: number;
  dock_units_per_day: number;
  suspended_until: string | null;
  active: boolean;
}
export interface StoreEdit { suspended_until?: string | null; credit_limit_cents?: number; dock_units_per_day?: number }

/** A chain has hundreds of stores, a large one some thousands. */
const STORES_MAX = 20_000;

export const allStores = () => readAll<Store>((cursor) => get<Page<Store>>('/stores', { limit: 200, cursor }), STORES_MAX);
export const editStore = (store_id: string, edit: StoreEdit) => send<Store>('PATCH', `/stores/${store_id}`, edit);
