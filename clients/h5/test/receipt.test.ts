import type { OrderLine } from '@graborder/core';
import { expect, test } from 'vitest';
import { asSent, because, body, count, short, worthCents, type Counted } from '../src/receipt';

const line: OrderLine = {
  line_id: 'a', sku: { sku_id: 's', code: '1', name: 'A', category: '' }, pack: 6,
  ordered: 6, shipped: 6, received: 0, damaged: 0, cancelled: 0, price_cents: 1_568,
};

test('untouched lines are received as sent, without a reason', () => {
  expect(body([line], new Map())).toEqual({ lines: [{ line_id: 'a', received: 6 }] });
});

test('a missing bottle is a broken one until somebody says otherwise', () => {
  const one = count(line, asSent(line), 5);
  expect(one).toEqual({ received: 5, damaged: 1, reason: 'damaged' });
  expect(worthCents(line, one)).toBe(1_568);
  expect(because(line, one, 'missing')).toEqual({ received: 5, damaged: 0, reason: 'missing' });
  expect(body([line], new Map<string, Counted>([['a', one]]))).toEqual({ lines: [{ line_id: 'a', received: 5, damaged: 1, reason: 'damaged' }] });
});

test('counting up to what was sent takes the reason back', () => {
  const one = count(line, asSent(line), 5);
  expect(count(line, one, 6)).toEqual(asSent(line));
  expect(short(line, count(line, one, 4))).toBe(2);
});
