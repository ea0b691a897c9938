// Goods, warehouses and what lies in them.

import type { Page } from '@graborder/core';
import { get } from './client';

export interface Sku {
  sku_id: string;
  code: string;
  name: string;
  category: string;
  brand: string;
  case_pack: number;
  inner_pack: number | null;
  broken_case_ok: boolean;
  price_cents: number;
  barcode: string;
}
export interface Warehouse { warehouse_id: string; code: string; name: string }
export interface StockItem {
  sku: { sku_id: string; code: string; name: string; category: string; case_pack: number; price_cents: number };
  warehouse: { warehouse_id: string; code: string };
  on_hand: number;
  allocated: number;
  pledged: number;
  available: number;
}

export const skus = (query: string, cursor: string) => get<Page<Sku>>('/skus', { limit: 200, query, cursor });
export const warehouses = () => get<Page<Warehouse>>('/warehouses');
export const stock = (question: { query?: string; warehouse_id?: string; cursor?: string; limit?: number }) =>
  get<Page<StockItem>>('/stock', { limit: 200, ...question });
