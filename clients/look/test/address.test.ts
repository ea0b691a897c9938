import { expect, test } from 'vitest';
import { addressOf, parseAddress } from '../address';

test('page, id and filters, there and back', () => {
  const at = { page: 'orders', id: '01a2', query: { state: 'APPROVED', q: '周五 & 50%' } };
  expect(parseAddress(addressOf(at))).toEqual(at);
  expect(parseAddress('#/orders/01a2?state=APPROVED')).toEqual({ page: 'orders', id: '01a2', query: { state: 'APPROVED' } });
});

test('what is empty is left out, what is missing is empty', () => {
  expect(addressOf({ page: '', id: '', query: { q: '' } })).toBe('#/');
  for (const hash of ['', '#', '#/']) expect(parseAddress(hash)).toEqual({ page: '', id: '', query: {} });
  expect(parseAddress('#/round/7?')).toEqual({ page: 'round', id: '7', query: {} });
});
