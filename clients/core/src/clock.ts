// The server's time on a client: the offset of the quickest of the last five exchanges, never running backwards.

export interface Exchange {
  /** Sent and received, on the client's monotonic clock. */
  t0: number;
  t3: number;
  /** Received and sent, on the server's. */
  t1: number;
  t2: number;
}

const KEPT = 5;
/** A correction backwards up to this much makes the clock stand; a larger one is a mended mistake and is taken at once. */
const HOLD_MS = 500;

export class ServerClock {
  private window: { offset_ms: number; rtt_ms: number }[] = [];
  private offset_ms = 0;
  private last_ms = 0;
  private stale = false;
  /** Round trip of the newest exchange; null before the first. */
  rtt_ms: number | null = null;

  /** `mono` never jumps; `wall` is only used until the first exchange. */
  constructor(private readonly mono: () => number, wall: () => number) {
    this.offset_ms = wall() - mono();
  }

  get synced(): boolean {
    return this.rtt_ms !== null;
  }

  /** The round trip divides into two ways; half of what is not the server's own time is the error at most. */
  sample({ t0, t1, t2, t3 }: Exchange): void {
    const rtt_ms = t3 - t0 - (t2 - t1);
    if (!(rtt_ms >= 0)) return;
    if (this.stale) this.window = [];
    this.stale = false;
    this.window.push({ offset_ms: (t1 - t0 + (t2 - t3)) / 2, rtt_ms });
    if (this.window.length > KEPT) this.window.shift();
    this.rtt_ms = rtt_ms;
    this.offset_ms = this.window.reduce((best, next) => (next.rtt_ms < best.rtt_ms ? next : best)).offset_ms;
  }

  /** After a sleep the monotonic clock may have stood still: older exchanges say nothing once a new one is there. */
  doubt(): void {
    this.stale = true;
  }

  now(): number {
    const fresh = this.mono() + this.offset_ms;
    if (fresh < this.last_ms && this.last_ms - fresh <= HOLD_MS) return this.last_ms;
    this.last_ms = fresh;
    return fresh;
  }
}
