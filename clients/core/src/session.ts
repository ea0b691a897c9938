// One socket to the server, kept alive: ticket → connect → hello → welcome, and again after whatever happens.
//
// The machine touches neither WebSocket nor setTimeout nor Math.random: transport, timers and chance are handed in, so
// that a mini-program brings its own and a test scripts them. It knows nothing of claims; it tells when it is ready.

import { backoffMs, type Backoff } from './backoff';
import type { ServerClock } from './clock';
import { CLOSE, SUBPROTOCOL, readFrame, type In, type Out } from './frames';

export interface Socket { send(text: string): void; close(code?: number): void }
export interface SocketEvents { open(): void; message(text: string): void; closed(code: number): void }
export interface Transport { connect(ticket: string, protocol: string, events: SocketEvents): Socket }
export type Cancel = () => void;
export interface Timers { after(ms: number, run: () => void): Cancel; mono(): number }

export type SessionState = 'idle' | 'ticket' | 'connecting' | 'hello' | 'ready' | 'waiting' | 'stopped';
export type StopReason = 'signed_out' | 'sign_in' | 'not_yours' | 'replaced';

/** What a failed ticket request means: sign in again, no socket for this role, or come back after the given time. */
export class TicketRefused extends Error {
  constructor(readonly kind: 'sign_in' | 'not_yours' | 'later', readonly retry_after_ms?: number) {
    super(kind);
  }
}

export interface SessionParts {
  transport: Transport;
  timers: Timers;
  random: () => number;
  clock: ServerClock;
  ticket: () => Promise<string>;
  client: string;
  version: string;
  /** Headquarters have no store events and so nothing to resume. */
  of_a_store: boolean;
  onFrame: (frame: Out) => void;
  onState: (state: SessionState, reason?: StopReason) => void;
  /** Read rounds and orders over HTTP: what was missed cannot be told any more, or this is the first time. */
  onSnapshot: (store_seq: number) => void;
}

const RECONNECT: Backoff = { base_ms: 400, cap_ms: 10_000 };
const OPEN_MS_MAX = 8_000;
const PONG_MS_MAX = 8_000;
/** After a sleep or a change of network the socket may be dead without knowing it: this long it has to prove itself. */
const PROBE_MS_MAX = 2_000;
const SYNC_PINGS = 5;
const SYNC_GAP_MS = 200;

export class Session {
  state: SessionState = 'idle';
  private socket: Socket | null = null;
  private life = 0; // Everything begun in an earlier life of the socket is ignored.
  private attempt = 0;
  private refusals = 0; // 4401 in a row: the second means that a new ticket does not help.
  private bye_ms: number | null = null;
  private last_seq: number | null = null;
  private resumed = false;
  private hidden = false;
  private heartbeat_ms = 20_000;
  private readonly watched = new Set<string>();
  private wait: Cancel | null = null;
  private beat: Cancel | null = null;
  private silence: Cancel | null = null;
  private silence_due_ms = 0;

  constructor(private readonly parts: SessionParts) {}

  start(): void {
    if (this.state === 'idle' || this.state === 'stopped') this.open();
  }

  stop(reason: StopReason = 'signed_out'): void {
    this.drop();
    this.turn('stopped', reason);
  }

  /** False when there is no session to carry it. */
  send(frame: In): boolean {
    if (this.state !== 'ready' || !this.socket) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  watch(round_id: string): void {
    this.watched.add(round_id);
    this.send({ t: 'watch', round_id });
  }

  unwatch(round_id: string): void {
    this.watched.delete(round_id);
  }

  /** Before the access token ends: the session goes on under a fresh ticket. */
  async renew(): Promise<void> {
    const life = this.life;
    const ticket = await this.parts.ticket();
    if (life === this.life) this.send({ t: 'auth', ticket });
  }

  background(): void {
    this.hidden = true;
  }

  foreground(): void {
    this.hidden = false;
    this.parts.clock.doubt();
    this.nudge();
  }

  /** The network changed or came back: what we have may be dead, and waiting any longer is pointless. */
  nudge(): void {
    if (this.state === 'ready') this.ping(PROBE_MS_MAX);
    else if (this.state === 'waiting') this.open();
  }

  private open(): void {
    this.drop();
    const life = this.life;
    this.turn('ticket');
    this.parts.ticket().then(
      (ticket) => { if (life === this.life) this.connect(ticket); },
      (error: unknown) => { if (life === this.life) this.noTicket(error); },
    );
  }

  private noTicket(error: unknown): void {
    if (error instanceof TicketRefused && error.kind !== 'later') this.stop(error.kind);
    else this.later(error instanceof TicketRefused ? error.retry_after_ms : undefined);
  }

  private connect(ticket: string): void {
    const life = this.life;
    const current = (run: () => void) => { if (life === this.life) run(); };
    this.turn('connecting');
    this.expect(OPEN_MS_MAX);
    this.socket = this.parts.transport.connect(ticket, SUBPROTOCOL, {
      open: () => current(() => this.hello()),
      message: (text) => current(() => this.hear(text)),
      closed: (code) => current(() => this.closed(code)),
    });
  }

  private hello(): void {
    this.turn('hello');
    this.hush();
    this.expect(OPEN_MS_MAX);
    const { client, version, of_a_store } = this.parts;
    this.resumed = of_a_store && this.last_seq !== null;
    const resume = this.resumed ? { resume: { store_seq: this.last_seq! } } : {};
    this.socket?.send(JSON.stringify({ t: 'hello', client, version, ...resume } satisfies In));
  }

  private hear(text: string): void {
    this.hush();
    const frame = readFrame(text);
    if (!frame) return;
    switch (frame.t) {
      case 'welcome': return this.welcome(frame.store_seq, frame.heartbeat_ms);
      case 'pong': {
        const { t0, t1, t2 } = frame;
        return this.parts.clock.sample({ t0, t1, t2, t3: this.parts.timers.mono() });
      }
      case 'snapshot':
        this.last_seq = frame.store_seq;
        return this.parts.onSnapshot(frame.store_seq);
      case 'bye':
        this.bye_ms = frame.reconnect_after_ms ?? null;
        return;
      case 'ordered': case 'revoked': case 'order': case 'notice':
        return this.event(frame);
      case 'verdict': case 'round': case 'board': case 'error':
        return this.parts.onFrame(frame);
    }
  }

  private welcome(store_seq: number, heartbeat_ms: number): void {
    this.attempt = 0;
    this.refusals = 0;
    this.heartbeat_ms = heartbeat_ms;
    this.turn('ready');
    for (const round_id of this.watched) this.send({ t: 'watch', round_id });
    if (!this.resumed) {
      this.last_seq = this.parts.of_a_store ? store_seq : null;
      this.parts.onSnapshot(store_seq);
    }
    this.sync(SYNC_PINGS);
  }

  /** Every store event once and in order; a gap cannot be mended here, so everything is read again. */
  private event(frame: Extract<Out, { store_seq: number; t: 'ordered' | 'revoked' | 'order' | 'notice' }>): void {
    const last = this.last_seq ?? frame.store_seq - 1;
    if (frame.store_seq <= last) return;
    this.last_seq = frame.store_seq;
    this.parts.onFrame(frame);
    if (frame.store_seq > last + 1) this.parts.onSnapshot(frame.store_seq);
  }

  private sync(left: number): void {
    this.ping(PONG_MS_MAX);
    this.beat?.();
    this.beat = this.parts.timers.after(left > 1 ? SYNC_GAP_MS : this.heartbeat_ms, () => this.sync(left - 1));
  }

  private ping(answer_within_ms: number): void {
    this.send({ t: 'ping', t0: this.parts.timers.mono() });
    this.expect(answer_within_ms);
  }

  /** Something must be heard within this time, else the socket counts as dead. A shorter wait under way stands. */
  private expect(ms: number): void {
    const due_ms = this.parts.timers.mono() + ms;
    if (this.silence && this.silence_due_ms <= due_ms) return;
    this.hush();
    this.silence_due_ms = due_ms;
    this.silence = this.parts.timers.after(ms, () => this.closed(CLOSE.silent));
  }

  private hush(): void {
    this.silence?.();
    this.silence = null;
  }

  private closed(code: number): void {
    const bye_ms = this.bye_ms;
    this.drop();
    switch (code) {
      case CLOSE.notYours: return this.turn('stopped', 'not_yours');
      case CLOSE.replaced: return this.turn('stopped', 'replaced');
      case CLOSE.signIn:
        this.refusals += 1;
        return this.refusals > 1 ? this.turn('stopped', 'sign_in') : this.later();
      case CLOSE.tooFast: return this.later(bye_ms ?? 5_000);
      case CLOSE.badFrame: return this.later(bye_ms ?? 10_000);
      default: return this.later(bye_ms ?? undefined);
    }
  }

  /** A given time is a floor; the jitter comes on top, as everybody was given the same. */
  private later(floor_ms = 0): void {
    this.turn('waiting');
    const wait_ms = floor_ms + backoffMs(this.attempt, this.parts.random, RECONNECT);
    this.attempt += 1;
    this.wait = this.parts.timers.after(wait_ms, () => {
      // Nobody looks: coming back waits for the eyes, who nudge.
      if (!this.hidden) this.open();
    });
  }

  private drop(): void {
    this.life += 1;
    for (const cancel of [this.wait, this.beat, this.silence]) cancel?.();
    this.wait = this.beat = this.silence = null;
    this.bye_ms = null;
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
  }

  private turn(state: SessionState, reason?: StopReason): void {
    this.state = state;
    this.parts.onState(state, reason);
  }
}
