// A range copied from Excel: rows by line, cells by tab. Item code, warehouse code, quantity in bottles, price in yuan or nothing.

export interface PastedRow { row_no: number; sku: string; warehouse: string; units: number; price_cents: number | null }
export type PastedFault = { row_no: number } & (
  | { word: 'paste_columns'; n: number } | { word: 'paste_no_sku' } | { word: 'paste_quantity' | 'paste_price'; text: string } | { word: 'paste_twice'; n: number });
export interface Pasted { rows: PastedRow[]; faults: PastedFault[] }

export const PASTED_MAX = 500;

export function readPasted(text: string): Pasted {
  const rows: PastedRow[] = [];
  const faults: PastedFault[] = [];
  const seen = new Map<string, number>();
  cellsOf(text).slice(0, PASTED_MAX).forEach((cells, i) => {
    const row_no = i + 1;
    if (cells.every((cell) => cell === '')) return;
    const [sku = '', warehouse = '', quantity = '', price = ''] = cells;
    // Names of the columns, copied along.
    if (row_no === 1 && cells.length >= 3 && quantity !== '' && !/\d/.test(plain(quantity))) return;
    const units = wholeNumber(quantity);
    const price_cents = price === '' ? null : cents(price);
    if (cells.length < 3 || cells.slice(4).some((cell) => cell !== '')) faults.push({ row_no, word: 'paste_columns', n: cells.length });
    else if (sku === '') faults.push({ row_no, word: 'paste_no_sku' });
    else if (units === null) faults.push({ row_no, word: 'paste_quantity', text: quantity });
    else if (price !== '' && price_cents === null) faults.push({ row_no, word: 'paste_price', text: price });
    else {
      const key = `${sku}\t${warehouse}`;
      const first = seen.get(key);
      if (first !== undefined) {
        faults.push({ row_no, word: 'paste_twice', n: first });
      } else {
        seen.set(key, row_no);
        rows.push({ row_no, sku, warehouse, units, price_cents });
      }
    }
  });
  return { rows, faults };
}

/** Excel puts quotes around a cell that holds a tab, a line break or a quote, and doubles the quotes in it. */
function cellsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  const rest = text.replace(/\r\n?/g, '\n').replace(/\n+$/, '');
  while (at <= rest.length) {
    let cell: string;
    if (rest[at] === '"' && /"(?:[^"]|"")*"(?:[\t\n]|$)/y.test(rest.slice(at))) {
      const quoted = /^"((?:[^"]|"")*)"/.exec(rest.slice(at))!;
      cell = quoted[1]!.replace(/""/g, '"');
      at += quoted[0].length;
    } else {
      const end = /[\t\n]/.exec(rest.slice(at))?.index ?? rest.length - at;
      cell = rest.slice(at, at + end);
      at += end;
    }
    row.push(cell.replace(/\s+/g, ' ').trim());
    if (rest[at] !== '\t') {
      rows.push(row);
      row = [];
    }
    at += 1;
  }
  return rows;
}

/** Full-width digits, as Chinese keyboards make them, and spaces between thousands. */
const plain = (text: string) => text.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0)).replace(/[\s\u00a0]/g, '');

function wholeNumber(text: string): number | null {
  const digits = plain(text);
  if (!/^(\d+|\d{1,3}(,\d{3})+)(\.0+)?$/.test(digits)) return null;
  const n = Number(digits.replace(/,/g, ''));
  return n > 0 && n <= 1_000_000_000 ? n : null;
}

function cents(text: string): number | null {
  const digits = plain(text).replace(/^[¥￥]/, '');
  if (!/^(\d+|\d{1,3}(,\d{3})+)(\.\d{1,2}0*)?$/.test(digits)) return null;
  const n = Math.round(Number(digits.replace(/,/g, '')) * 100);
  return n <= 100_000_000_00 ? n : null;
}
