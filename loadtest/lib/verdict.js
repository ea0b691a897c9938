// What an answer to a claim means for the one who asked.

export const isDecided = (verdict) => verdict.status !== 'not_decided';
export const isWin = (verdict) => verdict.status === 'won' || verdict.status === 'partly_won';
export const grantedUnits = (verdict) => verdict.lines.reduce((sum, line) => sum + line.granted, 0);

/**
 * A verdict as text in which only a different decision makes a difference: neither the order of keys nor the epoch,
 * which says who answered.
 */
export function fingerprint({ claim_id, round_id, status, code, numbers, lines, decided_at_ms }) {
  return JSON.stringify(sorted({ claim_id, round_id, status, code, numbers, lines, decided_at_ms }));
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.keys(value)
    .sort()
    .reduce((copy, key) => ({ ...copy, [key]: sorted(value[key]) }), {});
}

/** How long to wait before the same id is sent again, or null when the round is over and asking again is pointless. */
export function retryAfterMs(verdict, msUntil) {
  const numbers = verdict.numbers || {};
  switch (verdict.code) {
    case 'E01':
      return numbers.recv_at_ms >= numbers.closes_at_ms ? null : msUntil(numbers.opens_at_ms);
    case 'E03':
      return msUntil(numbers.opens_at_ms);
    case 'E16':
    case 'overloaded':
      return numbers.retry_after_ms;
    default:
      return 300;
  }
}
