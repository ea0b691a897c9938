// One tap, one answer. A claim's id is minted and stored *before* the claim is sent, and the same id goes out again,
// over the socket, then over HTTP, across a reload, until the server has decided it or has said that it did not.
//
// Not decided: the claim left no trace and rests. The next tap with the same lines takes the same id, because an older
// copy may still be under way and must not become a second win.

import { backoffMs } from './backoff';
import type { ClaimBody } from './bodies';
import type { ClaimLine, In, Ordered, Reason, Revoked, Verdict } from './frames';
import type { Cancel, Timers } from './session';

export interface Storage { read(key: string): string | null; write(key: string, value: string): void }

/** What HTTP said: a verdict, a refusal to decide, or nothing that can be relied on. */
export type HttpAnswer =
  | { kind: 'verdict'; verdict: Verdict }
  | { kind: 'not_decided'; reason: Reason }
  | { kind: 'gone' }
  | { kind: 'unknown'; retry_after_ms?: number };

export type ClaimState = 'pending' | 'resting' | 'won' | 'refused' | 'ordered' | 'revoked';

export interface ClaimEntry {
  claim_id: string;
  round_id: string;
  lines: ClaimLine[];
  mode: ClaimBody['mode'];
  /** When the finger came down, on the server's clock as this client knew it. */
  tapped_at_ms: number;
  state: ClaimState;
  tries: number;
  verdict?: Verdict;
  /** When the verdict came, on the server's clock as this client knew it. */
  heard_at_ms?: number;
  /** Why nothing was decided; only while resting. */
  reason?: Reason | { code: 'gone' };
  ordered?: Ordered;
  revoked?: Revoked;
  /** The clerk has seen the outcome and gone on. */
  seen: boolean;
}

export interface LedgerParts {
  storage: Storage;
  /** Of one user: a shared phone keeps claims apart. */
  key: string;
  timers: Timers;
  random: () => number;
  mintId: () => string;
  server_now: () => number;
  viaSocket: (frame: In) => boolean;
  viaHttp: (body: ClaimBody) => Promise<HttpAnswer>;
  onChange: () => void;
}

/** A verdict over the socket takes far less; then HTTP is tried beside it. */
const SOCKET_MS = 2_500;
const RETRY = { base_ms: 500, cap_ms: 8_000 };
/** A tap that reached the server this little before opening is sent again at the opening. */
const EARLY_MS_MAX = 1_000;
const KEPT_MAX = 50;
const KEPT_MS = 24 * 3_600_000;

export class ClaimLedger {
  private entries: ClaimEntry[];
  private readonly due = new Map<string, Cancel>();
  private readonly asking = new Set<string>();

  constructor(private readonly parts: LedgerParts) {
    this.entries = load(parts.storage.read(parts.key));
  }

  all(): readonly ClaimEntry[] {
    return this.entries;
  }

  current(round_id: string): ClaimEntry | undefined {
    return currentOf(this.entries, round_id);
  }

  /** The tap. Stored first; while one claim of the round is under way, there is no second. */
  claim(round_id: string, lines: ClaimLine[], mode: ClaimBody['mode'] = 'PARTIAL'): ClaimEntry {
    const open = this.entries.find((e) => e.round_id === round_id && (e.state === 'pending' || e.state === 'resting'));
    if (open?.state === 'pending') return open;
    const sorted = [...lines].sort((a, b) => (a.line_id < b.line_id ? -1 : 1));
    const entry: ClaimEntry =
      open && sameBody(open, sorted, mode)
        ? Object.assign(open, { state: 'pending' as const, seen: false, reason: undefined })
        : { claim_id: this.parts.mintId(), round_id, lines: sorted, mode, tapped_at_ms: 0, state: 'pending', tries: 0, seen: false };
    if (open && entry !== open) open.seen = true;
    entry.tapped_at_ms = this.parts.server_now();
    this.entries = [...this.entries.filter((e) => e !== entry), entry];
    this.save();
    this.send(entry);
    return entry;
  }

  /** At start and whenever the session is ready again: whatever has no answer goes out at once. */
  resend(): void {
    for (const entry of this.entries) if (entry.state === 'pending') this.send(entry);
  }

  seen(claim_id: string): void {
    this.change(claim_id, (entry) => { entry.seen = true; });
  }

  verdict(verdict: Verdict): void {
    this.change(verdict.claim_id, (entry) => {
      if (entry.state !== 'pending' && entry.state !== 'resting') return;
      if (verdict.status === 'not_decided') return this.notDecided(entry, reasonOf(verdict));
      this.settle(entry);
      entry.verdict = verdict;
      entry.heard_at_ms = this.parts.server_now();
      entry.reason = undefined;
      entry.state = verdict.status === 'refused' ? 'refused' : 'won';
      entry.seen = false;
      this.close(entry);
    });
  }

  /** The books have it. The verdict may still be missing (another node told it, or nobody yet): it is asked for again. */
  ordered(ordered: Ordered): void {
    this.change(ordered.claim_id, (entry) => {
      entry.ordered = ordered;
      this.close(entry);
    });
  }

  revoked(revoked: Revoked): void {
    this.change(revoked.claim_id, (entry) => {
      this.settle(entry);
      entry.revoked = revoked;
      entry.state = 'revoked';
      entry.seen = false;
    });
  }

  /** An `error` frame that names a claim: its outcome is unknown, unless the code says that nothing was decided. */
  error(claim_id: string, code: string, retry_after_ms?: number): void {
    this.change(claim_id, (entry) => {
      if (entry.state !== 'pending') return;
      if (code === 'too_fast' || code === 'E16') this.notDecided(entry, { code: 'E16', numbers: { retry_after_ms: retry_after_ms ?? 1_000 } });
      else if (code === 'overloaded') this.notDecided(entry, { code, numbers: { retry_after_ms: retry_after_ms ?? 1_000 } });
      else if (code === 'E20' || code === 'bad_frame') this.notDecided(entry, { code: 'E20', numbers: {} });
      else this.later(entry, Math.max(retry_after_ms ?? 0, this.pause(entry)));
    });
  }

  private send(entry: ClaimEntry): void {
    entry.tries += 1;
    this.save();
    const { claim_id, round_id, lines, mode } = entry;
    if (this.parts.viaSocket({ t: 'claim', claim_id, round_id, lines, mode })) {
      this.later(entry, SOCKET_MS, () => this.ask(entry));
    } else {
      this.ask(entry);
    }
  }

  private ask(entry: ClaimEntry): void {
    const { claim_id, round_id, lines, mode } = entry;
    if (this.asking.has(claim_id)) return;
    this.asking.add(claim_id);
    const done = (answer: HttpAnswer) => {
      this.asking.delete(claim_id);
      this.answered(claim_id, answer);
    };
    this.parts.viaHttp({ claim_id, round_id, lines, mode }).then(done, () => done({ kind: 'unknown' }));
  }

  private answered(claim_id: string, answer: HttpAnswer): void {
    if (answer.kind === 'verdict') return this.verdict(answer.verdict);
    this.change(claim_id, (entry) => {
      if (entry.state !== 'pending') return;
      if (answer.kind === 'not_decided') this.notDecided(entry, answer.reason);
      else if (answer.kind === 'gone') this.rest(entry, { code: 'gone' });
      else this.later(entry, Math.max(answer.retry_after_ms ?? 0, this.pause(entry)));
    });
  }

  /** A hair too early is our clock's fault, not the clerk's: it goes out again at the opening. Everything else rests. */
  private notDecided(entry: ClaimEntry, reason: Reason | undefined): void {
    if (entry.state !== 'pending') return;
    if (!reason) return this.rest(entry, { code: 'E20', numbers: {} });
    if (reason.code === 'E01' || reason.code === 'E03') {
      const early_ms = reason.numbers.opens_at_ms - reason.numbers.recv_at_ms;
      if (early_ms > 0 && early_ms <= EARLY_MS_MAX) return this.later(entry, early_ms + 20);
      // The time has come and the round is not armed yet: a moment's patience, as long as the tap is fresh.
      const over = reason.code === 'E01' && reason.numbers.recv_at_ms >= reason.numbers.closes_at_ms;
      const fresh = this.parts.server_now() - entry.tapped_at_ms < 5_000;
      if (early_ms <= 0 && !over && fresh) return this.later(entry, 400);
    }
    this.rest(entry, reason);
  }

  private rest(entry: ClaimEntry, reason: ClaimEntry['reason']): void {
    this.settle(entry);
    entry.state = 'resting';
    entry.reason = reason;
  }

  private close(entry: ClaimEntry): void {
    if (entry.state === 'won' && entry.ordered) entry.state = 'ordered';
  }

  private pause(entry: ClaimEntry): number {
    return 100 + backoffMs(entry.tries, this.parts.random, RETRY);
  }

  private later(entry: ClaimEntry, ms: number, run: () => void = () => this.send(entry)): void {
    this.settle(entry);
    this.due.set(entry.claim_id, this.parts.timers.after(ms, () => {
      this.due.delete(entry.claim_id);
      if (entry.state === 'pending') run();
    }));
  }

  private settle(entry: ClaimEntry): void {
    this.due.get(entry.claim_id)?.();
    this.due.delete(entry.claim_id);
  }

  private change(claim_id: string, alter: (entry: ClaimEntry) => void): void {
    const entry = this.entries.find((e) => e.claim_id === claim_id);
    if (!entry) return;
    alter(entry);
    this.save();
  }

  private save(): void {
    const oldest_ms = this.parts.server_now() - KEPT_MS;
    this.entries = this.entries.filter((e) => e.state === 'pending' || e.tapped_at_ms > oldest_ms).slice(-KEPT_MAX);
    this.parts.storage.write(this.parts.key, JSON.stringify(this.entries));
    this.parts.onChange();
  }

  /** Stops every timer; pending claims stay in storage for the next start. */
  stop(): void {
    for (const cancel of this.due.values()) cancel();
    this.due.clear();
  }
}

/** What a round's button stands for: the newest claim whose outcome was not put aside. */
export function currentOf(entries: readonly ClaimEntry[], round_id: string): ClaimEntry | undefined {
  return [...entries].reverse().find((e) => e.round_id === round_id && !e.seen);
}

function load(text: string | null): ClaimEntry[] {
  if (!text) return [];
  try {
    return JSON.parse(text) as ClaimEntry[];
  } catch {
    // Half-written storage holds no claim that could be trusted; the server still knows every claim that reached it.
    return [];
  }
}

function reasonOf(verdict: Verdict): Reason | undefined {
  return verdict.code ? ({ code: verdict.code, numbers: verdict.numbers } as Reason) : undefined;
}

function sameBody(entry: ClaimEntry, sorted: ClaimLine[], mode: ClaimBody['mode']): boolean {
  return entry.mode === mode && JSON.stringify(entry.lines) === JSON.stringify(sorted);
}
