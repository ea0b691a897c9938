// The wire: `graborder.v1`, JSON text frames `{"t": type, …}`, aligned with the server's `protocol` and `domain::event`.
// Quantities are base units, money is cents, times are Unix milliseconds of the server's clock.

export const SUBPROTOCOL = 'graborder.v1';

export type RoundState =
  | 'DRAFT' | 'SCHEDULED' | 'WARMING' | 'OPEN' | 'PAUSED' | 'SETTLING' | 'CLOSED' | 'ARCHIVED' | 'CANCELLED';
export type OrderState = 'APPROVED' | 'SHIPPED' | 'PART_RECEIVED' | 'RECEIVED' | 'COMPLETED' | 'CANCELLED';
export type ShipmentState =
  | 'PLANNED' | 'DISPATCHED' | 'IN_TRANSIT' | 'ARRIVED' | 'RECEIVED' | 'RECEIVED_WITH_DIFFERENCE' | 'CANCELLED';
export type DifferenceReason = 'missing' | 'damaged' | 'wrong' | 'expired';
export type ClaimMode = 'PARTIAL' | 'ALL_OR_NONE';

/** Why a claim, or a line of it, got less than it asked for: the code and its numbers. */
export type Reason =
  | { code: 'E01'; numbers: { opens_at_ms: number; closes_at_ms: number; recv_at_ms: number } }
  | { code: 'E02'; numbers: { paused_at_ms: number } }
  | { code: 'E03'; numbers: { opens_at_ms: number; recv_at_ms: number } }
  | { code: 'E04'; numbers: Record<string, never> }
  | { code: 'E05'; numbers: { until_ms: number } }
  | { code: 'E06'; numbers: Record<string, never> }
  | { code: 'E07'; numbers: { net: number; gate: number } }
  | { code: 'E08'; numbers: { pack: number; asked: number; fix: number } }
  | { code: 'E09'; numbers: { min: number; asked: number } }
  | { code: 'E10'; numbers: { cap: number; left: number } }
  | { code: 'E11'; numbers: { cap: number; taken: number; left: number } }
  | { code: 'E12'; numbers: { cap: number; taken: number; left: number; span: 'day' | 'period' } }
  | { code: 'E13'; numbers: { short_cents: number; left_cents: number; need_cents: number } }
  | { code: 'E14'; numbers: { sold_out_at_ms: number; recv_at_ms: number; left: number } }
  | { code: 'E16'; numbers: { retry_after_ms: number } }
  | { code: 'E17'; numbers: { cap: number; left: number } }
  | { code: 'E20'; numbers: Record<string, never> }
  | { code: 'overloaded'; numbers: { retry_after_ms: number } };
export type ReasonCode = Reason['code'];

/** A reason stands beside other fields, both of its own or neither. */
export type WithReason = Reason | { code?: undefined; numbers?: undefined };

export interface ClaimLine { line_id: string; qty: number }

// What a client says.
export type In =
  | { t: 'hello'; client: string; version: string; resume?: { store_seq: number } }
  | { t: 'auth'; ticket: string }
  | { t: 'ping'; t0: number }
  | { t: 'claim'; claim_id: string; round_id: string; lines: ClaimLine[]; mode: ClaimMode }
  | { t: 'claim_status'; round_id: string; claim_id: string }
  | { t: 'watch'; round_id: string };

// What the server says.
export type LineVerdict = { line_id: string; asked: number; granted: number } & WithReason;
export type VerdictStatus = 'won' | 'partly_won' | 'refused' | 'not_decided';
export type Verdict = {
  claim_id: string;
  round_id: string;
  status: VerdictStatus;
  /** Empty when nothing was decided. */
  lines: LineVerdict[];
  decided_at_ms?: number;
  epoch?: number;
} & WithReason;

export interface RoundStatus {
  round_id: string;
  state: RoundState;
  /** With all pauses added. */
  opens_at_ms: number;
  closes_at_ms: number;
  paused_at_ms?: number;
  lines: { line_id: string; left: number }[];
  chain_n: number;
  chain_hash: string;
}

export interface BoardFigures {
  round_id: string;
  /** When the newest of these decisions was made. */
  as_of_ms: number;
  claims: number;
  won: number;
  winning_stores: number;
  granted_units: number;
  revoked: number;
  refused: Record<string, number>;
  lines: { line_id: string; offered: number; left: number; sold_out_at_ms?: number }[];
  winners: { store_code: string; store_name: string; units: number; at_ms: number }[];
  sessions_online: number;
  stores_online: number;
}

export interface Versioned { version: number; server_time_ms: number }

export interface Ordered {
  claim_id: string;
  round_id: string;
  orders: { order_id: string; order_no: string; units: number; total_cents: number; promised_date: string }[];
  chain_n: number;
  chain_hash: string;
  ordered_at_ms: number;
}
export interface Revoked { claim_id: string; round_id: string; reason: string; lines: { line_id: string; revoked: number }[] }
export interface OrderChanged {
  order_id: string;
  order_no: string;
  state: OrderState;
  shipment_id: string;
  shipment_state: ShipmentState;
  at_ms: number;
}
export interface Notice { notice: 'invited' | 'cancelled'; round_id: string }

export type RoundFrame = { t: 'round' } & Versioned & RoundStatus;
export type BoardFrame = { t: 'board' } & Versioned & BoardFigures;
export type StoreEvent = { store_seq: number } & (
  | ({ t: 'ordered' } & Ordered)
  | ({ t: 'revoked' } & Revoked)
  | ({ t: 'order' } & OrderChanged)
  | ({ t: 'notice' } & Notice)
);
export type ErrorFrame = { t: 'error'; code: string; text: string; claim_id?: string; retry_after_ms?: number };

export type Out =
  | { t: 'welcome'; session: string; server_time_ms: number; store_seq: number; heartbeat_ms: number }
  | { t: 'snapshot'; store_seq: number }
  | { t: 'pong'; t0: number; t1: number; t2: number }
  | ({ t: 'verdict' } & Verdict)
  | RoundFrame
  | BoardFrame
  | StoreEvent
  | ErrorFrame
  | { t: 'bye'; code: number; reconnect_after_ms?: number };

export const CLOSE = {
  goingAway: 1001, restart: 1012, tryAgain: 1013,
  badFrame: 4400, signIn: 4401, notYours: 4403, silent: 4408, replaced: 4409, tooSlow: 4413, tooFast: 4429,
} as const;

const KNOWN = new Set<Out['t']>([
  'welcome', 'snapshot', 'pong', 'verdict', 'round', 'board', 'ordered', 'revoked', 'order', 'notice', 'error', 'bye',
]);

/** Reads a text frame. Types that this client does not know yet are skipped (null); broken JSON is an error. */
export function readFrame(text: string): Out | null {
  const frame = JSON.parse(text) as { t?: unknown };
  return KNOWN.has(frame.t as Out['t']) ? (frame as Out) : null;
}
