// How long to wait before trying again: full jitter, so that a thousand clients cut off together do not return together.

export interface Backoff { base_ms: number; cap_ms: number }

/** `attempt` counts from 0; `random` gives [0, 1). */
export function backoffMs(attempt: number, random: () => number, { base_ms, cap_ms }: Backoff): number {
  return Math.floor(random() * Math.min(cap_ms, base_ms * 2 ** Math.min(attempt, 20)));
}
