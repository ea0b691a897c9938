// Made from docs/asyncapi.yaml, which the server's tests hold against its types: do not edit. To make it again:
// GRABORDER_REWRITE=1 cargo test --test integration frames

export const SUBPROTOCOL = 'graborder.v1';

/** Types of frames that the server sends. */
export const OUT_TYPES = [
  'welcome', 'snapshot', 'pong', 'verdict', 'round', 'board', 'ordered', 'revoked', 'order', 'notice', 'error', 'bye',
] as const satisfies readonly Out['t'][];

/** What a close code asks of the client. */
export const CLOSE = {
  /** The node goes away. Come back after the given time. */
  goingAway: 1001,
  /** RFC 6455 forbids what was sent. Mend the client; come back after the given time. */
  brokenFrame: 1002,
  /** A binary frame. Mend the client; come back after the given time. */
  notText: 1003,
  /** Text that is not UTF-8. Mend the client; come back after the given time. */
  badText: 1007,
  /** A message above 4 KiB, or in more than 64 pieces. Mend the client; come back after the given time. */
  tooBig: 1009,
  /** The node restarts. Come back after the given time. */
  restart: 1012,
  /** Too early or too many at once. Come back after the given time. */
  tryAgain: 1013,
  /** The client is broken or too old. Do not come back before it was renewed. */
  badFrame: 4400,
  /** The sign-in has ended or the user was changed. Come back with a fresh ticket. */
  signIn: 4401,
  /** The renewing ticket was of another user or store. Sign in again. */
  notYours: 4403,
  /** Nothing was heard for 2.25 heartbeats or no hello for 5 s. Come back and resume. */
  silent: 4408,
  /** Another session took this one's place. Do not come back by yourself. */
  replaced: 4409,
  /** The queue was full. Come back and resume. */
  tooSlow: 4413,
  /** Too many frames. Come back after the given time and send less. */
  tooFast: 4429,
} as const;

/** What a client says. Unknown fields are refused. */
export type In =
  | HelloFrame
  | AuthFrame
  | PingFrame
  | ClaimFrame
  | ClaimStatusFrame
  | WatchFrame;

/** What the server says. Ignore fields that you do not know. */
export type Out =
  | WelcomeFrame
  | SnapshotFrame
  | PongFrame
  | VerdictFrame
  | RoundFrame
  | BoardFrame
  | StoreEvent
  | ErrorFrame
  | ByeFrame;

/** What concerns one store; each once, in order of `store_seq`. */
export type StoreEvent =
  | OrderedFrame
  | RevokedFrame
  | OrderFrame
  | NoticeFrame;

export interface HelloFrame {
  t: 'hello';
  /** `h5`, `miniprogram`, `console`, `k6`…; at most 64 bytes. */
  client: string;
  /** The client's own version; at most 64 bytes. */
  version: string;
  resume?: Resume;
}

export interface Resume {
  /** The last store event that the client has. */
  store_seq: number;
}

export interface AuthFrame {
  t: 'auth';
  ticket: string;
}

export interface PingFrame {
  t: 'ping';
  /** The client's own clock in milliseconds; comes back untouched. */
  t0: number;
}

export interface ClaimFrame {
  t: 'claim';
  /** Made by the client, unique within the round. */
  claim_id: string;
  round_id: string;
  /** 1 to 20 different lines. */
  lines: ClaimLine[];
  mode: ClaimMode;
}

export interface ClaimLine {
  line_id: string;
  /** Base units, a multiple of the pack. */
  qty: number;
}

/** `PARTIAL` grants whatever fits; `ALL_OR_NONE` refuses the basket when one line fails. */
export type ClaimMode = 'PARTIAL' | 'ALL_OR_NONE';

export interface ClaimStatusFrame {
  t: 'claim_status';
  round_id: string;
  claim_id: string;
}

export interface WatchFrame {
  t: 'watch';
  round_id: string;
}

export interface WelcomeFrame {
  t: 'welcome';
  /** Name of the session in the server's log. */
  session: string;
  server_time_ms: number;
  /** The store's newest event at this moment; 0 for headquarters. */
  store_seq: number;
  /** Send `ping` so often. */
  heartbeat_ms: number;
}

export interface SnapshotFrame {
  t: 'snapshot';
  /** What HTTP tells from now on holds at least this event. */
  store_seq: number;
}

export interface PongFrame {
  t: 'pong';
  /** As it came. */
  t0: number;
  /** When the ping was heard, server clock. */
  t1: number;
  /** When this was sent, server clock. */
  t2: number;
}

export type VerdictFrame = { t: 'verdict' } & Verdict;

/** What became of a claim; over HTTP this is the body. */
export type Verdict = { claim_id: string; round_id: string; status: VerdictStatus; lines: LineVerdict[]; decided_at_ms?: number; epoch?: number } & WithReason;

/** The first three are decided and final; after `not_decided` the same id may be sent again. */
export type VerdictStatus = 'won' | 'partly_won' | 'refused' | 'not_decided';

export type LineVerdict = { line_id: string; asked: number; granted: number } & WithReason;

/** A reason stands beside other fields; both of its own or neither. */
export type WithReason =
  | Reason
  | { code?: undefined; numbers?: undefined };

/** Why a claim, or a line of it, got less than it asked for. More codes may come. */
export type Reason =
  /** Not open: not yet, or not any more when `recv_at_ms` is not before `closes_at_ms`. */
  | { code: 'E01'; numbers: { opens_at_ms: number; closes_at_ms: number; recv_at_ms: number } }
  /** Paused. */
  | { code: 'E02'; numbers: { paused_at_ms: number } }
  /** The store's own stage opens later. */
  | { code: 'E03'; numbers: { opens_at_ms: number; recv_at_ms: number } }
  /** Not invited. */
  | { code: 'E04'; numbers: Record<string, never> }
  /** The store is suspended. */
  | { code: 'E05'; numbers: { until_ms: number } }
  /** The store does not list this article. */
  | { code: 'E06'; numbers: Record<string, never> }
  /** The store's net stock has reached the gate. */
  | { code: 'E07'; numbers: { net: number; gate: number } }
  /** Not whole packs; `fix` is the nearest that is, below or one pack. */
  | { code: 'E08'; numbers: { pack: number; asked: number; fix: number } }
  /** Below the minimum. */
  | { code: 'E09'; numbers: { min: number; asked: number } }
  /** Above the store's cap for the line. */
  | { code: 'E10'; numbers: { cap: number; left: number } }
  /** Above the store's cap for the round. */
  | { code: 'E11'; numbers: { cap: number; taken: number; left: number } }
  /** Above the store's cap for the day or the period, whichever binds. */
  | { code: 'E12'; numbers: { cap: number; taken: number; left: number; span: Span } }
  /** Not enough credit. */
  | { code: 'E13'; numbers: { short_cents: number; left_cents: number; need_cents: number } }
  /** Sold out, or less `left` than was asked; `sold_out_at_ms` is 0 while some is left. */
  | { code: 'E14'; numbers: { sold_out_at_ms: number; recv_at_ms: number; left: number } }
  /** Too fast. */
  | { code: 'E16'; numbers: { retry_after_ms: number } }
  /** The store's dock takes no more that day. */
  | { code: 'E17'; numbers: { cap: number; left: number } }
  /** No claim, or a known claim id with another body. */
  | { code: 'E20'; numbers: Record<string, never> }
  /** Too many decisions wait for the ledger. */
  | { code: 'overloaded'; numbers: { retry_after_ms: number } };

export type Span = 'day' | 'period';

export interface Versioned {
  /** The newest replaces every older one. */
  version: number;
  server_time_ms: number;
}

export type RoundFrame = { t: 'round' } & Versioned & RoundStatus;

/** Where a round stands, for everybody invited. */
export interface RoundStatus {
  round_id: string;
  state: RoundState;
  /** With all pauses added. */
  opens_at_ms: number;
  /** With all pauses added. */
  closes_at_ms: number;
  /** Since when the round has been paused; the clock stands still. */
  paused_at_ms?: number;
  lines: LineLeft[];
  /** Length of the round's chain of decisions. */
  chain_n: number;
  /** Its newest link, SHA-256 as hex. */
  chain_hash: string;
}

export type RoundState = 'DRAFT' | 'PENDING_APPROVAL' | 'SCHEDULED' | 'WARMING' | 'OPEN' | 'PAUSED' | 'SETTLING' | 'CLOSED' | 'ARCHIVED' | 'CANCELLED';

export interface LineLeft {
  line_id: string;
  /** Units still to be had, as of the ledger. */
  left: number;
}

export type BoardFrame = { t: 'board' } & Versioned & BoardFigures;

/** Running totals of a round since it was published, for headquarters. */
export interface BoardFigures {
  round_id: string;
  /** When the newest of these decisions was made, by Redis' clock. */
  as_of_ms: number;
  /** Decided claims. */
  claims: number;
  /** Claims with something granted. */
  won: number;
  winning_stores: number;
  granted_units: number;
  revoked: number;
  /** Decided refusals by code. */
  refused: Record<string, number>;
  lines: BoardLine[];
  /** The newest winners, newest first, at most ten. */
  winners: Winner[];
  /** Open sessions of stores, over all nodes. */
  sessions_online: number;
  /** How many stores they belong to. */
  stores_online: number;
}

export interface BoardLine {
  line_id: string;
  offered: number;
  left: number;
  /** When the last unit went. */
  sold_out_at_ms?: number;
}

export interface Winner {
  store_code: string;
  store_name: string;
  units: number;
  at_ms: number;
}

export interface StoreSeq {
  /** The store's next number; dense. */
  store_seq: number;
}

export type OrderedFrame = { t: 'ordered' } & StoreSeq & Ordered;

export interface Ordered {
  claim_id: string;
  round_id: string;
  /** One order a warehouse. */
  orders: OrderedOrder[];
  /** Place of the decision in the round's chain. */
  chain_n: number;
  /** Its link, SHA-256 as hex. */
  chain_hash: string;
  /** When the ledger's transaction ran. */
  ordered_at_ms: number;
}

export interface OrderedOrder {
  order_id: string;
  /** RO-YYYYMMDD-nnnnnn. */
  order_no: string;
  units: number;
  total_cents: number;
  /** Chain-local. */
  promised_date: string;
}

export type RevokedFrame = { t: 'revoked' } & StoreSeq & Revoked;

export interface Revoked {
  claim_id: string;
  round_id: string;
  /** `exhausted`: after the loss others had been promised these units in the books. */
  reason: string;
  lines: RevokedLine[];
}

export interface RevokedLine {
  line_id: string;
  revoked: number;
}

export type OrderFrame = { t: 'order' } & StoreSeq & OrderChanged;

export interface OrderChanged {
  order_id: string;
  order_no: string;
  state: OrderState;
  shipment_id: string;
  shipment_state: ShipmentState;
  at_ms: number;
}

export type OrderState = 'APPROVED' | 'SHIPPED' | 'PART_RECEIVED' | 'RECEIVED' | 'COMPLETED' | 'CANCELLED';

export type ShipmentState = 'PLANNED' | 'DISPATCHED' | 'IN_TRANSIT' | 'ARRIVED' | 'RECEIVED' | 'RECEIVED_WITH_DIFFERENCE' | 'CANCELLED';

export type NoticeFrame = { t: 'notice' } & StoreSeq & Notice;

export interface Notice {
  notice: NoticeKind;
  round_id: string;
}

/** `invited`: a round was published that the store may join; `cancelled`: it will not take place. */
export type NoticeKind = 'invited' | 'cancelled';

export interface ErrorFrame {
  t: 'error';
  /** `bad_frame`, `not_allowed`, `not_found`, `unavailable`; more may come. */
  code: string;
  /** One sentence in the session's language: what to do. */
  text: string;
  claim_id?: string;
  retry_after_ms?: number;
}

export interface ByeFrame {
  t: 'bye';
  code: CloseCode;
  reconnect_after_ms?: number;
}

export type CloseCode = 1001 | 1002 | 1003 | 1007 | 1009 | 1012 | 1013 | 4400 | 4401 | 4403 | 4408 | 4409 | 4413 | 4429;
