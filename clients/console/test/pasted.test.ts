import { expect, test } from 'vitest';
import { readPasted } from '../src/wizard/pasted';

const only = (text: string) => {
  const { rows, faults } = readPasted(text);
  expect(faults).toEqual([]);
  return rows;
};

test('a range as Excel copies it: tabs, CRLF, a line break at the end', () => {
  expect(only('A1\tW1\t24\t12.50\r\nB2\tW2\t1,200\t\r\n')).toEqual([
    { row_no: 1, sku: 'A1', warehouse: 'W1', units: 24, price_cents: 1_250 },
    { row_no: 2, sku: 'B2', warehouse: 'W2', units: 1_200, price_cents: null },
  ]);
});

test('names of columns copied along are left out, empty rows too, and rows keep their numbers', () => {
  expect(only('商品编号\t仓库\t数量\t单价\n\nA1\tW1\t6')).toEqual([{ row_no: 3, sku: 'A1', warehouse: 'W1', units: 6, price_cents: null }]);
});

test('a cell in quotes may hold tabs, breaks and quotes', () => {
  expect(only('"A ""1"""\t"W\t1"\t"6"\t3\nB\t"W\n2"\t7')).toEqual([
    { row_no: 1, sku: 'A "1"', warehouse: 'W 1', units: 6, price_cents: 300 },
    { row_no: 2, sku: 'B', warehouse: 'W 2', units: 7, price_cents: null },
  ]);
});

test('full-width digits and a yuan sign are what a Chinese keyboard makes', () => {
  expect(only('A1\tW1\t２４\t￥１２．５')).toEqual([{ row_no: 1, sku: 'A1', warehouse: 'W1', units: 24, price_cents: 1_250 }]);
});

test.each([
  ['A1\tW1', { word: 'paste_columns', n: 2 }], ['A1\tW1\t1\t2\t3', { word: 'paste_columns', n: 5 }],
  ['\tW1\t3', { word: 'paste_no_sku' }],
  ['A1\tW1\t3.5', { word: 'paste_quantity', text: '3.5' }], ['A1\tW1\t-3', { word: 'paste_quantity', text: '-3' }], ['A1\tW1\t0', { word: 'paste_quantity', text: '0' }],
  ['A1\tW1\t12,34', { word: 'paste_quantity', text: '12,34' }], ['A1\tW1\t1e9', { word: 'paste_quantity', text: '1e9' }], ['A1\tW1\t9999999999', { word: 'paste_quantity', text: '9999999999' }],
  ['A1\tW1\t3\tfree', { word: 'paste_price', text: 'free' }], ['A1\tW1\t3\t1.234', { word: 'paste_price', text: '1.234' }], ['A1\tW1\t3\t-1', { word: 'paste_price', text: '-1' }],
])('%j is told by its row', (text, fault) => {
  expect(readPasted(text)).toEqual({ rows: [], faults: [{ row_no: 1, ...fault }] });
});

test('the same item from the same warehouse is named with the row before it; from another warehouse it is another line', () => {
  const { rows, faults } = readPasted('A1\tW1\t1\nA1\tW2\t2\nA1\tW1\t3');
  expect(rows.map(({ row_no }) => row_no)).toEqual([1, 2]);
  expect(faults).toEqual([{ row_no: 3, word: 'paste_twice', n: 1 }]);
});

test('nothing is nothing, and ten thousand rows stop at the bound', () => {
  expect(readPasted('')).toEqual({ rows: [], faults: [] });
  expect(readPasted('"')).toEqual({ rows: [], faults: [{ row_no: 1, word: 'paste_columns', n: 1 }] });
  expect(readPasted(Array.from({ length: 10_000 }, (_, i) => `A${i}\tW\t1`).join('\n')).rows).toHaveLength(500);
});
