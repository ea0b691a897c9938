// Counting what arrived: good units a line, and for what is missing one reason, as the server wants it.

import type { DifferenceReason, OrderLine, ReceiveBody } from '@graborder/core';

export interface Counted { received: number; damaged: number; reason: DifferenceReason | null }

export function asSent(line: OrderLine): Counted {
  return { received: line.shipped, damaged: 0, reason: null };
}

export function short(line: OrderLine, counted: Counted): number {
  return line.shipped - counted.received;
}

/** Damaged first: that is what a difference usually is. All of it counts as damaged until somebody says otherwise. */
export function count(line: OrderLine, before: Counted, received: number): Counted {
  const missing = line.shipped - received;
  if (missing === 0) return asSent(line);
  const reason = before.reason ?? 'damaged';
  return { received, reason, damaged: reason === 'damaged' ? missing : 0 };
}

export function because(line: OrderLine, before: Counted, reason: DifferenceReason): Counted {
  return { ...before, reason, damaged: reason === 'damaged' ? short(line, before) : 0 };
}

export function worthCents(line: OrderLine, counted: Counted): number {
  return short(line, counted) * line.price_cents;
}

export function body(lines: OrderLine[], counted: Map<string, Counted>): ReceiveBody {
  return {
    lines: lines.map((line) => {
      const { received, damaged, reason } = counted.get(line.line_id) ?? asSent(line);
      return { line_id: line.line_id, received, ...(reason ? { damaged, reason } : {}) };
    }),
  };
}
