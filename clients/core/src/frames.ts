// The wire: `graborder.v1`, JSON text frames `{"t": type, …}`. Its types are made from the server's.
// Quantities are base units, money is cents, times are Unix milliseconds of the server's clock.

import { OUT_TYPES, type Out, type Reason } from './frames.generated';

export * from './frames.generated';

export type ReasonCode = Reason['code'];
/** Travels over HTTP alone. */
export type DifferenceReason = 'missing' | 'damaged' | 'wrong' | 'expired';

const KNOWN: readonly unknown[] = OUT_TYPES;

/** Reads a text frame. Types that this client does not know yet are skipped (null); broken JSON is an error. */
export function readFrame(text: string): Out | null {
  const frame = JSON.parse(text) as { t?: unknown };
  return KNOWN.includes(frame.t) ? (frame as Out) : null;
}
