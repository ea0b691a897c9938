// What was pasted, looked up in the warehouses: each row becomes a line or a fault in words.

import { stock, type StockItem } from '../server/goods';
import { live } from '../state';
import { t } from '../words';
import type { Line } from './draft';
import type { PastedFault, PastedRow } from './pasted';

export interface RowFault { row_no: number; text: string }

const AT_ONCE = 4;

export function lineOf(item: StockItem, warehouse: string, units: number, price_cents: number | null): Line {
  return {
    sku_id: item.sku.sku_id, warehouse_id: item.warehouse.warehouse_id, code: item.sku.code, name: item.sku.name, warehouse,
    pack: item.sku.case_pack, available: item.available, units, holdback: 0, min_claim: 1, price_cents: price_cents ?? item.sku.price_cents, cap_line: null,
  };
}

export async function lookUp(rows: PastedRow[], names: Map<string, string>, progress: (done: number) => void): Promise<{ lines: Line[]; faults: RowFault[] }> {
  const found: (Line | RowFault)[] = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    for (let i = next++; i < rows.length; i = next++) {
      const row = rows[i]!;
      const { items } = await stock({ query: row.sku, limit: 50 });
      const same = items.filter((item) => item.sku.code.toLowerCase() === row.sku.toLowerCase());
      // With one warehouse that has it, its name may be left out.
      const item = row.warehouse === '' && same.length === 1 ? same[0] : same.find((one) => [one.warehouse.code, names.get(one.warehouse.warehouse_id)].some((name) => name?.toLowerCase() === row.warehouse.toLowerCase()));
      if (!item) found[i] = { row_no: row.row_no, text: t('paste_unknown', { sku: row.sku, warehouse: row.warehouse || '–' }) };
      else if (item.available < row.units) found[i] = { row_no: row.row_no, text: t('paste_short', { asked: live.fmt.value.count(row.units, 'unit'), available: live.fmt.value.count(item.available, 'unit') }) };
      else found[i] = lineOf(item, names.get(item.warehouse.warehouse_id) ?? item.warehouse.code, row.units, row.price_cents);
      done += 1;
      progress(done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, rows.length) }, work));
  return { lines: found.filter((one): one is Line => 'sku_id' in one), faults: found.filter((one): one is RowFault => !('sku_id' in one)) };
}

export function faultText(fault: PastedFault): string {
  switch (fault.word) {
    case 'paste_columns': return t('paste_columns', { n: fault.n });
    case 'paste_no_sku': return t('paste_no_sku');
    case 'paste_quantity': return t('paste_quantity', { text: fault.text });
    case 'paste_price': return t('paste_price', { text: fault.text });
    case 'paste_twice': return t('paste_twice', { n: fault.n });
  }
}
