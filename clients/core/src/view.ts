// The one big button as a pure function of what is known: same place, same size, one state at a time.

import type { RoundDetail } from './bodies';
import type { ClaimEntry } from './ledger';
import { bar, ownOpensAtMs, phase, timing, type Phase } from './round';

export type Face =
  | 'off' | 'armed' | 'pressed' | 'sending' | 'kept' | 'booking' | 'ordered' | 'partly' | 'refused' | 'soldout' | 'paused' | 'fault';

/** What a tap does: shake (E01 is not sent), send, nothing, or go to what happened. */
export type Tap = 'shake' | 'send' | 'none' | 'outcome';

export type Button =
  | { face: 'off'; tap: 'shake'; say: 'before'; opens_at_ms: number; wait_ms: number; stage: boolean }
  | { face: 'off'; tap: 'none'; say: 'closed' | 'cancelled' | 'choose' | 'nothing' }
  | { face: 'armed'; tap: 'send'; say: 'armed' }
  | { face: 'pressed'; tap: 'none'; say: 'tapped' }
  | { face: 'sending'; tap: 'none'; say: 'sending' }
  | { face: 'kept'; tap: 'none'; say: 'kept'; tries: number; since_ms: number }
  | { face: 'booking'; tap: 'none'; say: 'booking' | 'booking_long' }
  | { face: 'ordered' | 'partly' | 'refused' | 'soldout' | 'fault'; tap: 'outcome'; say: 'outcome' }
  | { face: 'soldout'; tap: 'none'; say: 'all_sold_out' }
  | { face: 'paused'; tap: 'none'; say: 'paused' };

const PRESSED_MS = 300;
const KEPT_MS = 3_000;
const BOOKING_LONG_MS = 5_000;

export interface Seen {
  round: RoundDetail;
  entry?: ClaimEntry;
  /** Units in the steppers. */
  chosen: number;
  now_ms: number;
  online: boolean;
}

export function bigButton({ round, entry, chosen, now_ms, online }: Seen): Button {
  if (entry && !entry.seen && entry.state !== 'resting') return ofClaim(entry, now_ms, online);
  const at = timing(round);
  const where: Phase = phase(at, now_ms);
  if (where === 'paused') return { face: 'paused', tap: 'none', say: 'paused' };
  if (where === 'closed' || where === 'cancelled') return { face: 'off', tap: 'none', say: where };
  if (where === 'before') {
    const opens_at_ms = ownOpensAtMs(at);
    return { face: 'off', tap: 'shake', say: 'before', opens_at_ms, wait_ms: opens_at_ms - now_ms, stage: now_ms >= at.opens_at_ms };
  }
  const open = round.lines.filter((line) => bar(line) === null);
  if (open.length === 0) {
    const soldOut = round.lines.some((line) => bar(line) === 'sold_out');
    return soldOut ? { face: 'soldout', tap: 'none', say: 'all_sold_out' } : { face: 'off', tap: 'none', say: 'nothing' };
  }
  return chosen > 0 ? { face: 'armed', tap: 'send', say: 'armed' } : { face: 'off', tap: 'none', say: 'choose' };
}

function ofClaim(entry: ClaimEntry, now_ms: number, online: boolean): Button {
  const age_ms = now_ms - entry.tapped_at_ms;
  switch (entry.state) {
    case 'pending':
    case 'resting':
      if (!online || age_ms >= KEPT_MS) return { face: 'kept', tap: 'none', say: 'kept', tries: entry.tries, since_ms: age_ms };
      return age_ms < PRESSED_MS ? { face: 'pressed', tap: 'none', say: 'tapped' } : { face: 'sending', tap: 'none', say: 'sending' };
    case 'won': {
      const waited_ms = now_ms - (entry.heard_at_ms ?? entry.tapped_at_ms);
      return { face: 'booking', tap: 'none', say: waited_ms < BOOKING_LONG_MS ? 'booking' : 'booking_long' };
    }
    case 'ordered':
      return { face: entry.verdict?.status === 'partly_won' ? 'partly' : 'ordered', tap: 'outcome', say: 'outcome' };
    case 'refused':
      return { face: entry.verdict?.code === 'E14' ? 'soldout' : 'refused', tap: 'outcome', say: 'outcome' };
    case 'revoked':
      return { face: 'fault', tap: 'outcome', say: 'outcome' };
  }
}

/** How much of a claim was granted, and the grant itself a line. */
export function granted(entry: ClaimEntry): { units: number; asked: number } {
  const lines = entry.verdict?.lines ?? [];
  return { units: lines.reduce((sum, l) => sum + l.granted, 0), asked: entry.lines.reduce((sum, l) => sum + l.qty, 0) };
}
