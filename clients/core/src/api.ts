// `/api/v1` over an injected fetch: bearer token, one refresh for any number of waiting calls, problems as errors.

import type {
  AdminAction, Board, ClaimBody, Consents, Device, DispatchBody, Invite, InviteBody, Me, MessageTemplate, OrderDetail, OrderPage, Page, Problem, Provider,
  ReceiveBody, RegisterBody, RoundDetail, RoundItem, SetupBody, ShipmentItem, SignedIn, User, UserEditBody, UserItem, UserStore, Ways,
} from './bodies';
import type { Reason, Verdict } from './frames';
import type { HttpAnswer, Storage } from './ledger';
import { TicketRefused } from './session';

export interface HttpResponse { status: number; header(name: string): string | null; text: string }
export type Fetch = (path: string, init: { method: string; headers: Record<string, string>; body?: string }) => Promise<HttpResponse>;

export class ApiError extends Error {
  constructor(readonly status: number, readonly problem: Problem) {
    super(problem.detail || problem.title);
  }
}

export interface ApiParts {
  fetch: Fetch;
  storage: Storage;
  /** Where this client keeps its tokens. */
  key: string;
  lang: () => 'zh' | 'en';
  /** Names one trade of a refresh token, so that a lost answer can be asked for again. */
  mintId?: () => string;
  /** With the server's sentence where it has one. */
  onSignedOut: (why?: string) => void;
}

export class Api {
  private session: SignedIn | null;
  private refreshing: Promise<boolean> | null = null;

  constructor(private readonly parts: ApiParts) {
    this.session = parse<SignedIn>(parts.storage.read(parts.key));
  }

  get user(): User | null {
    return this.session?.user ?? null;
  }

  get expires_in_ms(): number {
    return (this.session?.expires_in_s ?? 900) * 1_000;
  }

  /** Signed in with a password that somebody else gave: nothing works but `changePassword`. */
  get must_change_password(): boolean {
    return this.session?.must_change_password ?? false;
  }

  async login(login: string, password: string): Promise<User> {
    const signed = await this.call<SignedIn>('POST', '/auth/login', { login, password }, false);
    this.keep(signed);
    return signed.user;
  }

  /** With a code that WeChat or WeCom gave for whoever holds this phone. */
  async signInBy(way: Provider, code: string): Promise<User> {
    const signed = await this.call<SignedIn>('POST', `/auth/${way}`, { code }, false);
    this.keep(signed);
    return signed.user;
  }

  /** Every other device is signed out; this one goes on with new tokens. */
  async changePassword(current: string, next: string): Promise<void> {
    this.keep(await this.call<SignedIn>('POST', '/auth/password', { current, new: next }));
  }

  /** Acts for another store of the user's from now on; sockets have to be opened anew. */
  async switchStore(store_id: string): Promise<void> {
    const refresh_token = this.session?.refresh_token;
    this.keep(await this.call<SignedIn>('POST', '/auth/store', { store_id, refresh_token }));
  }

  ways = () => this.call<Ways>('GET', '/auth/ways', undefined, false);
  bind = (way: Provider, code: string) => this.call<void>('PUT', `/auth/${way}`, { code, refresh_token: this.session?.refresh_token });
  unbind = (way: Provider) => this.call<void>('DELETE', `/auth/${way}`);
  consents = () => this.call<Consents>('GET', '/me/consents');
  consent = (accepted: MessageTemplate[], attempt_id: string) => this.call<Consents>('POST', '/me/consents', { accepted, attempt_id });
  register = (body: RegisterBody) => this.call<UserItem>('POST', '/auth/register', body, false);
  setup = () => this.call<{ needed: boolean }>('GET', '/setup', undefined, false);
  createAdmin = (body: SetupBody) => this.call<UserItem>('POST', '/setup', body, false);
  devices = () => this.call<{ items: Device[] }>('GET', '/auth/devices');
  removeDevice = (sign_in_id: string) => this.call<void>('DELETE', `/auth/devices/${sign_in_id}`);
  signOutEverywhere = () => this.call<void>('POST', '/auth/sign-out-everywhere');

  users = (query: string, cursor: string) => {
    const asked = `${query ? `&query=${encodeURIComponent(query)}` : ''}${cursor ? `&cursor=${cursor}` : ''}`;
    return this.call<Page<UserItem>>('GET', `/users?limit=100${asked}`);
  };
  doTo = (user_id: string, verb: 'approve' | 'enable' | 'disable', reason: string) =>
    this.call<UserItem>('POST', `/users/${user_id}/${verb}`, reason ? { reason } : {});
  resetPassword = (user_id: string, reason: string) =>
    this.call<{ one_time_password: string; user: UserItem }>('POST', `/users/${user_id}/reset-password`, reason ? { reason } : {});
  editUser = (user_id: string, body: UserEditBody) => this.call<UserItem>('PATCH', `/users/${user_id}`, body);
  invites = () => this.call<Page<Invite>>('GET', '/invites?limit=200');
  invite = (body: InviteBody) => this.call<Invite & { code: string }>('POST', '/invites', body);
  revokeInvite = (invite_id: string) => this.call<void>('DELETE', `/invites/${invite_id}`);
  adminActions = () => this.call<Page<AdminAction>>('GET', '/admin-actions?limit=100');
  stores = (query: string) => this.call<Page<UserStore>>('GET', `/stores?limit=50&query=${encodeURIComponent(query)}`);

  /** Signed out here whatever the server says: a phone without network must not stay signed in. */
  async logout(): Promise<void> {
    const refresh_token = this.session?.refresh_token;
    this.keep(null);
    if (refresh_token) await this.call<void>('POST', '/auth/logout', { refresh_token }, false).catch(() => undefined);
  }

  me = () => this.call<Me>('GET', '/me');
  rounds = (scope: 'live' | 'past') => this.call<Page<RoundItem>>('GET', `/rounds?scope=${scope}&limit=50`);
  round = (round_id: string) => this.call<RoundDetail>('GET', `/rounds/${round_id}`).then(named);
  board = (round_id: string) => this.call<Board>('GET', `/rounds/${round_id}/board`);
  publish = (round_id: string) => this.call<RoundDetail>('POST', `/rounds/${round_id}/publish`, {});
  steer = (round_id: string, verb: 'pause' | 'resume' | 'stop' | 'cancel', reason: string) =>
    this.call<RoundDetail>('POST', `/rounds/${round_id}/${verb}`, { reason });
  extend = (round_id: string, closes_at: string, reason: string) =>
    this.call<RoundDetail>('POST', `/rounds/${round_id}/extend`, { closes_at, reason });
  orders = () => this.call<OrderPage>('GET', '/orders?limit=50');
  order = (order_id: string) => this.call<OrderDetail>('GET', `/orders/${order_id}`).then(named);
  cancelOrder = (order_id: string, reason: string) => this.call<OrderDetail>('POST', `/orders/${order_id}/cancel`, { reason });
  receive = (shipment_id: string, body: ReceiveBody) => this.call<OrderDetail>('POST', `/shipments/${shipment_id}/receive`, body);
  shipments = (states: string[]) => this.call<Page<ShipmentItem>>('GET', `/shipments?state=${states.join(',')}&limit=50`)
    .then((page) => ({ ...page, items: page.items.map(named) }));
  dispatch = (shipment_id: string, body: DispatchBody) => this.call<unknown>('POST', `/shipments/${shipment_id}/dispatch`, body);
  moved = (shipment_id: string, verb: 'in-transit' | 'arrive') => this.call<unknown>('POST', `/shipments/${shipment_id}/${verb}`, {});

  /** For the session: a refusal tells whether signing in again is needed. */
  async ticket(): Promise<string> {
    try {
      return (await this.call<{ ticket: string }>('POST', '/ws-tickets', {})).ticket;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw new TicketRefused(error.status === 401 ? 'sign_in' : error.status === 403 ? 'not_yours' : 'later', error.problem.retry_after_ms);
    }
  }

  /** For the ledger: what the answer to a claim over HTTP is worth. */
  async claim(body: ClaimBody): Promise<HttpAnswer> {
    try {
      return { kind: 'verdict', verdict: await this.call<Verdict>('POST', '/claims', body) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return answerTo(error);
    }
  }

  /** A call whose answer may be edited: `etag` names what was read, `if_match` what an edit was made of. */
  async ask<T>(method: string, path: string, { body, if_match }: { body?: unknown; if_match?: string } = {}): Promise<{ value: T; etag: string }> {
    const response = await this.signed((headers) => this.parts.fetch(`/api/v1${path}`, sent(method, if_match ? { ...headers, 'If-Match': if_match } : headers, body)));
    return { value: this.read<T>(response), etag: response.header('ETag') ?? '' };
  }

  /** Sends as who is signed in, whatever is sent; a token that ran out is traded and the call sent again. */
  async signed<R extends { status: number }>(send: (headers: Record<string, string>) => Promise<R>): Promise<R> {
    const token = this.session?.access_token;
    const answer = await send(this.headers(token));
    if (answer.status !== 401 || !(await this.refresh(token))) return answer;
    return send(this.headers(this.session?.access_token));
  }

  private async call<T>(method: string, path: string, body?: unknown, signed = true): Promise<T> {
    if (signed) return (await this.ask<T>(method, path, { body })).value;
    return this.read<T>(await this.raw(method, path, body));
  }

  private raw(method: string, path: string, body: unknown): Promise<HttpResponse> {
    return this.parts.fetch(`/api/v1${path}`, sent(method, this.headers(), body));
  }

  private headers(token?: string): Record<string, string> {
    return { 'Accept-Language': this.parts.lang() === 'zh' ? 'zh-CN' : 'en', ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  }

  /** What an answer holds; anything but a success is thrown as the problem that it tells. */
  read<T>(response: HttpResponse): T {
    if (response.status >= 200 && response.status < 300) return (response.text ? JSON.parse(response.text) : undefined) as T;
    const problem: Problem = parse<Problem>(response.text) ?? {
      type: 'about:blank', title: `HTTP ${response.status}`, status: response.status, detail: '', code: `http_${response.status}`,
    };
    const after_s = Number(response.header('Retry-After') ?? Number.NaN);
    if (problem.retry_after_ms === undefined && Number.isFinite(after_s)) problem.retry_after_ms = after_s * 1_000;
    throw new ApiError(response.status, problem);
  }

  /** True when there is a new access token. Only a clear no signs out; a lost answer does not. */
  private refresh(used: string | undefined): Promise<boolean> {
    if (this.session && this.session.access_token !== used) return Promise.resolve(true);
    this.refreshing ??= this.refreshOnce().finally(() => { this.refreshing = null; });
    return this.refreshing;
  }

  private async refreshOnce(): Promise<boolean> {
    if (this.adopt()) return true;
    const refresh_token = this.session?.refresh_token;
    if (!refresh_token) return false;
    const attempt_id = this.attemptFor(refresh_token);
    const response = await this.raw('POST', '/auth/refresh', { refresh_token, ...(attempt_id ? { attempt_id } : {}) });
    if (response.status === 200) {
      this.keep(JSON.parse(response.text) as SignedIn);
      return true;
    }
    if (response.status === 401) {
      if (this.adopt()) return true;
      this.keep(null);
      const problem = parse<Problem>(response.text);
      this.parts.onSignedOut(problem && problem.code !== 'sign_in' ? problem.detail : undefined);
    }
    return false;
  }

  /** Another window of this client may have traded the token that this one still holds. */
  private adopt(): boolean {
    const kept = parse<SignedIn>(this.parts.storage.read(this.parts.key));
    if (!kept || kept.user.user_id !== this.session?.user.user_id || kept.refresh_token === this.session.refresh_token) return false;
    this.session = kept;
    return true;
  }

  /** Kept before it is sent, and the same for every window and every try, until the token has a successor. */
  private attemptFor(refresh_token: string): string | undefined {
    const key = `${this.parts.key}.attempt`;
    const begun = parse<{ refresh_token: string; attempt_id: string }>(this.parts.storage.read(key));
    if (begun?.refresh_token === refresh_token) return begun.attempt_id;
    const attempt_id = this.parts.mintId?.();
    if (attempt_id) this.parts.storage.write(key, JSON.stringify({ refresh_token, attempt_id }));
    return attempt_id;
  }

  private keep(session: SignedIn | null): void {
    this.session = session;
    this.parts.storage.write(this.parts.key, session ? JSON.stringify(session) : '');
    this.parts.storage.write(`${this.parts.key}.attempt`, '');
  }
}

function sent(method: string, headers: Record<string, string>, body: unknown): Parameters<Fetch>[1] {
  if (body === undefined) return { method, headers };
  return { method, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

/** A size in a name keeps its unit at its side, as every number does: `1750 ml`. */
function named<T extends { lines: { sku: { name: string } }[] }>(whole: T): T {
  const glue = (name: string) => name.replace(/(\d) (?=(?:ml|cl|l|g|kg)\b)/gi, '$1\u00a0');
  return { ...whole, lines: whole.lines.map((line) => ({ ...line, sku: { ...line.sku, name: glue(line.sku.name) } })) };
}

function answerTo({ status, problem }: ApiError): HttpAnswer {
  const retry_after_ms = problem.retry_after_ms ?? 1_000;
  if (problem.code === 'overloaded') return { kind: 'not_decided', reason: { code: 'overloaded', numbers: { retry_after_ms } } };
  if (status === 429) return { kind: 'not_decided', reason: { code: 'E16', numbers: { retry_after_ms } } };
  if (status === 403 || status === 404) return { kind: 'gone' };
  // Signing in again and a slow line mend themselves; any other refusal of the request would be refused for ever.
  if (status >= 400 && status < 500 && status !== 401 && status !== 408) return { kind: 'not_decided', reason: { code: 'E20', numbers: {} } satisfies Reason };
  return { kind: 'unknown', retry_after_ms: problem.retry_after_ms };
}

function parse<T>(text: string | null): T | null {
  if (!text) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    // A proxy's error page is not a problem document; the status alone has to do.
    return null;
  }
}
