// Bodies of `/api/v1`. Times `…_at` are RFC 3339 UTC, `…_ms` Unix milliseconds, quantities base units, money cents.

import type { BoardFigures, ClaimLine, ClaimMode, DifferenceReason, OrderState, RoundState, ShipmentState } from './frames';

export type Role = 'store_staff' | 'store_manager' | 'supervisor' | 'warehouse_clerk' | 'finance' | 'admin';

export interface UserStore { store_id: string; code: string; name: string; region: string }
export interface User {
  user_id: string;
  login: string;
  name: string;
  role: Role;
  /** Acted for here and now. */
  store?: UserStore;
  /** All that may be acted for. */
  stores?: UserStore[];
}
export interface SignedIn { access_token: string; refresh_token: string; expires_in_s: number; must_change_password?: boolean; user: User }

export type UserStatus = 'pending' | 'active' | 'disabled';
export interface UserItem {
  user_id: string;
  login: string;
  name: string;
  role: Role;
  status: UserStatus;
  must_change_password: boolean;
  stores: UserStore[];
  regions: string[];
  created_at: string;
  last_seen_at?: string;
}
export interface UserEditBody { name?: string; role?: Role; stores?: string[]; regions?: string[]; reason: string }
export interface RegisterBody { code: string; login: string; name: string; password: string; wechat_code?: string }
export interface SetupBody { token: string; login: string; name: string; password: string; chain_name?: string }

export interface Invite {
  invite_id: string;
  role: Role;
  store_id?: string;
  store_code?: string;
  store_name?: string;
  needs_approval: boolean;
  state: 'open' | 'used' | 'revoked' | 'expired';
  created_by_name: string;
  created_at: string;
  expires_at: string;
  used_by_name?: string;
}
export interface InviteBody { role: Role; store_id?: string; expires_in_hours?: number; needs_approval?: boolean }

export interface Device {
  sign_in_id: string;
  label: string;
  created_at: string;
  last_seen_at: string;
  ended_at?: string;
  ended_why?: 'signed_out' | 'removed' | 'everywhere' | 'password' | 'disabled' | 'token_reused';
  this: boolean;
}

export type AdminVerb =
  | 'admin_created' | 'invite_made' | 'invite_revoked' | 'registered' | 'approved' | 'disabled' | 'enabled' | 'edited' | 'signed_out'
  | 'password_reset' | 'password_changed' | 'device_removed' | 'signed_out_everywhere' | 'token_reused'
  | 'identity_bound' | 'identity_unbound' | 'round_approved' | 'round_sent_back' | 'data_exported' | 'data_export_failed'
  | 'webhook_made' | 'webhook_changed' | 'webhook_removed' | 'webhook_secret_rotated' | 'webhook_replayed'
  | 'import_confirmed' | 'import_undone';
export interface AdminAction {
  admin_action_id: string;
  at: string;
  by_name?: string;
  action: AdminVerb;
  on_kind: 'user' | 'invite' | 'round' | 'export' | 'import' | 'webhook';
  on_name?: string;
  reason: string;
}
export interface Chain { name: string; currency: string; time_zone: string; labelled_demo: boolean }
export type Provider = 'wechat' | 'wecom';
export type Me = User & { server_time_ms: number; chain: Chain; bound?: Provider[] };
export interface WecomWay { corp_id: string; agent_id: string }
/** What is switched on. */
export interface Ways { password: boolean; wechat?: { app_id: string }; wecom?: WecomWay }
export type MessageTemplate = 'round_reminder' | 'claim_result';
export interface Consents { items: { template: MessageTemplate; template_id: string; remaining: number }[] }

export interface Page<T> { items: T[]; next_cursor?: string | null }

export interface RoundItem {
  round_id: string;
  code: string;
  name: string;
  state: RoundState;
  mode: 'INSTANT';
  opens_at: string;
  closes_at: string;
  shift_ms: number;
  paused_at?: string | null;
  /** With shifts. */
  opens_at_ms: number;
  closes_at_ms: number;
  offered_units: number;
  left_units: number;
  invited_stores: number;
  line_count: number;
  server_time_ms?: number;
  own?: { offset_ms: number; need_units: number; cap_units: number; won_units: number };
}

export interface OwnLine {
  listed: boolean;
  need_units: number;
  net_units: number;
  target_units: number;
  /** What this store may still take of the line, as of the books. */
  cap_units: number;
  taken_units: number;
  gate?: number | null;
}
export interface RoundLine {
  line_id: string;
  line_no: number;
  sku: { sku_id: string; code: string; name: string; category: string };
  warehouse: { code: string; name: string };
  pack: number;
  min_claim: number;
  cap_line?: number | null;
  price_cents: number;
  offered_units: number;
  left_units: number;
  own?: OwnLine;
}
export interface OwnRound {
  offset_ms: number;
  credit_left_cents: number;
  cap_round?: number | null;
  taken_units: number;
  suspended_until?: string | null;
}
export type RoundDetail = Omit<RoundItem, 'own'> & {
  day?: string | null;
  promised_date?: string | null;
  policy_hash?: string | null;
  chain_n: number;
  chain_hash: string;
  lines: RoundLine[];
  own?: OwnRound;
};

export interface ClaimBody { claim_id: string; round_id: string; lines: ClaimLine[]; mode: ClaimMode }

export interface ShipmentOfOrder {
  shipment_id: string;
  shipment_no: string;
  state: ShipmentState;
  carrier?: string | null;
  tracking_no?: string | null;
}
export interface OrderItem {
  order_id: string;
  order_no: string;
  round_id: string;
  round_name: string;
  claim_id: string;
  store: { store_id: string; code: string; name: string };
  warehouse_code: string;
  state: OrderState;
  label: 'new' | 'confirmed' | 'shipped' | 'done' | 'cancelled';
  units: number;
  total_cents: number;
  promised_date: string;
  ordered_at: string;
  shipment: ShipmentOfOrder;
}
export type Happening =
  | 'ORDERED' | 'DISPATCHED' | 'IN_TRANSIT' | 'ARRIVED' | 'RECEIVED' | 'RECEIVED_WITH_DIFFERENCE' | 'COMPLETED' | 'CANCELLED';
export interface OrderLine {
  line_id: string;
  sku: { sku_id: string; code: string; name: string; category: string };
  pack: number;
  ordered: number;
  shipped: number;
  received: number;
  damaged: number;
  cancelled: number;
  price_cents: number;
}
export type OrderDetail = OrderItem & {
  version: number;
  lines: OrderLine[];
  /** Oldest first. */
  timeline: { what: Happening; at: string; note?: string | null }[];
};
export type OrderPage = Page<OrderItem> & { store_seq?: number };

export type ShipmentItem = ShipmentOfOrder & {
  order_id: string;
  order_no: string;
  store: { store_id: string; code: string; name: string };
  warehouse_code: string;
  units: number;
  promised_date: string;
  planned_at: string;
  dispatched_at?: string | null;
  arrived_at?: string | null;
  received_at?: string | null;
  lines: OrderLine[];
};
export interface DispatchBody { carrier: string; tracking_no: string; lines?: { line_id: string; shipped: number }[] }
export interface ReceiveBody { lines: { line_id: string; received: number; damaged?: number; reason?: DifferenceReason }[] }

export type Board = BoardFigures & { version?: number; server_time_ms?: number };

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  numbers?: Record<string, unknown>;
  errors?: { pointer: string; detail: string }[];
  retry_after_ms?: number;
}
