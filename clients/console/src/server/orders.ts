// Orders, as headquarters see them.

import type { OrderDetail, OrderItem, Page } from '@graborder/core';
import { get, send } from './client';

export const ORDER_STATES = ['APPROVED', 'SHIPPED', 'PART_RECEIVED', 'RECEIVED', 'COMPLETED', 'CANCELLED'] as const;

export const orders = (question: { state?: string; round_id?: string; cursor?: string }) =>
  get<Page<OrderItem>>('/orders', { limit: 100, ...question });
export const order = (order_id: string) => get<OrderDetail>(`/orders/${order_id}`);
export const cancelOrder = (order_id: string, reason: string) => send<OrderDetail>('POST', `/orders/${order_id}/cancel`, { reason });
