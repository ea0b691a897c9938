import { beforeEach, expect, test } from 'vitest';
import { Api, ApiError, TicketRefused, type HttpResponse } from '../src';
import { Memory } from './scripted';

const SIGNED = { access_token: 'a1', refresh_token: 'r1', expires_in_s: 900, user: { user_id: 'u', login: 'l', name: 'n', role: 'store_staff' } };
const CLAIM = { claim_id: 'c', round_id: 'r', lines: [{ line_id: 'a', qty: 6 }], mode: 'PARTIAL' as const };

let memory: Memory;
let asked: { path: string; auth?: string; body?: string }[];
let signedOut: number;
let answer: (path: string, auth: string | undefined) => { status: number; body?: unknown; retry_after?: string };

let why: string | undefined;

function api(mintId?: () => string): Api {
  return new Api({
    storage: memory, key: 'tokens', lang: () => 'zh', mintId, onSignedOut: (reason) => { signedOut += 1; why = reason; },
    fetch: (path, { headers, body }): Promise<HttpResponse> => {
      asked.push({ path, auth: headers.Authorization, body });
      const { status, body: said, retry_after } = answer(path, headers.Authorization);
      if (status === 0) return Promise.reject(new Error('no network'));
      return Promise.resolve({ status, text: said === undefined ? '' : JSON.stringify(said), header: (name) => (name === 'Retry-After' ? retry_after ?? null : null) });
    },
  });
}
const problem = (code: string, more = {}) => ({ type: '', title: '', status: 0, detail: `says ${code}`, code, ...more });

beforeEach(() => {
  memory = new Memory();
  memory.write('tokens', JSON.stringify(SIGNED));
  asked = [];
  signedOut = 0;
});

test('a reload finds the user still signed in', () => {
  expect(api().user?.login).toBe('l');
  memory.write('tokens', '');
  expect(api().user).toBeNull();
});

test('an ended token is renewed once, however many calls were waiting', async () => {
  answer = (path, auth) => {
    if (path.endsWith('/auth/refresh')) return { status: 200, body: { ...SIGNED, access_token: 'a2' } };
    return auth === 'Bearer a2' ? { status: 200, body: { items: [] } } : { status: 401, body: problem('sign_in') };
  };
  const a = api();
  await Promise.all([a.orders(), a.rounds('live'), a.rounds('past')]);
  expect(asked.filter(({ path }) => path.endsWith('/auth/refresh'))).toHaveLength(1);
  expect(JSON.parse(memory.read('tokens')!)).toMatchObject({ access_token: 'a2' });
});

test('only a clear no signs out: a lost answer does not', async () => {
  answer = (path) => ({ status: path.endsWith('/auth/refresh') ? 0 : 401, body: problem('sign_in') });
  const a = api();
  await expect(a.orders()).rejects.toThrow('no network');
  expect(signedOut).toBe(0);
  answer = () => ({ status: 401, body: problem('sign_in') });
  await expect(a.orders()).rejects.toBeInstanceOf(ApiError);
  expect(signedOut).toBe(1);
  expect(a.user).toBeNull();
});

test('signing out works without a network, and keeps no token', async () => {
  answer = () => ({ status: 0 });
  const a = api();
  await a.logout();
  expect(memory.read('tokens')).toBe('');
});

test('a problem speaks with its own sentence; a proxy’s page does not break anything', async () => {
  answer = () => ({ status: 409, body: problem('wrong_state') });
  await expect(api().publish('r')).rejects.toThrow('says wrong_state');
  answer = () => ({ status: 502, body: undefined });
  await expect(api().orders()).rejects.toMatchObject({ status: 502, problem: { code: 'http_502' } });
});

test.each([
  [503, 'overloaded', 'not_decided'], [503, 'unavailable', 'unknown'], [429, 'E16', 'not_decided'], [422, 'E20', 'not_decided'],
  [413, 'too_large', 'not_decided'], [404, 'not_found', 'gone'], [403, 'not_allowed', 'gone'], [500, 'internal', 'unknown'], [408, 'slow', 'unknown'],
])('a claim answered %i %s is %s', async (status, code, kind) => {
  answer = () => ({ status, body: problem(code), retry_after: '2' });
  const said = await api().claim(CLAIM);
  expect(said.kind).toBe(kind);
  if (said.kind === 'unknown') expect(said.retry_after_ms).toBe(2_000);
});

test('a claim without a network is an error for the ledger to outlast', async () => {
  answer = () => ({ status: 0 });
  await expect(api().claim(CLAIM)).rejects.toThrow('no network');
});

test.each([[401, 'sign_in'], [403, 'not_yours'], [503, 'later']])('a ticket refused with %i means %s', async (status, kind) => {
  memory.write('tokens', JSON.stringify({ ...SIGNED, refresh_token: '' }));
  answer = () => ({ status, body: problem('x') });
  const refused = await api().ticket().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(TicketRefused);
  expect((refused as TicketRefused).kind).toBe(kind);
});

test('a size keeps its unit at its side', async () => {
  answer = () => ({ status: 200, body: { lines: [{ sku: { name: 'BLACK VELVET 1750 ml' } }, { sku: { name: '7 mlle' } }] } });
  const round = await api().round('r');
  expect(round.lines.map((line) => line.sku.name)).toEqual(['BLACK VELVET 1750\u00a0ml', '7 mlle']);
});

test('a trade whose answer was lost is asked for again under its name, and a new token gets a new one', async () => {
  let minted = 0;
  const traded = () => asked.filter(({ path }) => path.endsWith('/auth/refresh')).map(({ body }) => JSON.parse(body!) as { refresh_token: string; attempt_id: string });
  let lost = true;
  answer = (path, auth) => {
    if (path.endsWith('/auth/refresh')) return lost ? { status: 0 } : { status: 200, body: { ...SIGNED, access_token: `a${minted + 1}`, refresh_token: `r${minted + 1}` } };
    return auth === 'Bearer a1' ? { status: 401, body: problem('sign_in') } : { status: 200, body: { items: [] } };
  };
  const a = api(() => `attempt-${++minted}`);
  await expect(a.orders()).rejects.toThrow('no network');
  await expect(a.orders()).rejects.toThrow('no network');
  lost = false;
  await a.orders();
  expect(traded()).toEqual(Array(3).fill({ refresh_token: 'r1', attempt_id: 'attempt-1' }));
});

test('a token that another window traded is taken over, and nobody is signed out', async () => {
  answer = (path, auth) => (auth === 'Bearer a2' ? { status: 200, body: { items: [] } } : { status: 401, body: problem(path.endsWith('/auth/refresh') ? 'token_reused' : 'sign_in') });
  const a = api();
  memory.write('tokens', JSON.stringify({ ...SIGNED, access_token: 'a2', refresh_token: 'r2' }));
  await a.orders();
  expect(asked.some(({ path }) => path.endsWith('/auth/refresh'))).toBe(false);
  expect(signedOut).toBe(0);
});

test('a device that was signed out because its token had two owners says so', async () => {
  answer = (path) => ({ status: 401, body: problem(path.endsWith('/auth/refresh') ? 'token_reused' : 'sign_in') });
  await expect(api().orders()).rejects.toBeInstanceOf(ApiError);
  expect(why).toBe('says token_reused');
});

test('who was given a password is known to have to change it', async () => {
  answer = (path) => ({ status: 200, body: { ...SIGNED, must_change_password: path.endsWith('/auth/login') } });
  const a = api();
  await a.login('l', 'given');
  expect(a.must_change_password).toBe(true);
  await a.changePassword('given', 'my own words');
  expect(a.must_change_password).toBe(false);
  expect(JSON.parse(asked[1]!.body!)).toEqual({ current: 'given', new: 'my own words' });
});
