// Quantities of a basket as one figure: cases when every line comes in cases, else bottles.

import type { ClaimLine, Formatter, RoundDetail, RoundLine } from '@graborder/core';

export function lineOf(round: RoundDetail | undefined, line_id: string): RoundLine | undefined {
  return round?.lines.find((line) => line.line_id === line_id);
}

interface Amount { packs: number; units: number; whole: boolean }

function amount(round: RoundDetail | undefined, quantities: ClaimLine[]): Amount {
  const sum: Amount = { packs: 0, units: 0, whole: true };
  for (const { line_id, qty } of quantities) {
    const pack = lineOf(round, line_id)?.pack ?? 1;
    sum.units += qty;
    sum.packs += qty / pack;
    if (qty > 0 && (pack === 1 || qty % pack !== 0)) sum.whole = false;
  }
  return sum;
}

export function quantity(fmt: Formatter, round: RoundDetail | undefined, quantities: ClaimLine[]): string {
  const { packs, units, whole } = amount(round, quantities);
  return whole ? fmt.count(packs, 'pack') : fmt.count(units, 'unit');
}

export function figure(fmt: Formatter, round: RoundDetail | undefined, quantities: ClaimLine[]) {
  const { packs, units, whole } = amount(round, quantities);
  return whole ? fmt.figure(packs, 'pack') : fmt.figure(units, 'unit');
}

/** Whole packs of every line, rounded as a need is (up) or as a cap is (down). */
export function wholePacks(round: RoundDetail, units: (line: RoundLine) => number, up: boolean): ClaimLine[] {
  return round.lines.map((line) => {
    const packs = units(line) / line.pack;
    return { line_id: line.line_id, qty: (up ? Math.ceil(packs) : Math.floor(packs)) * line.pack };
  });
}
