// The few HTTP calls that a session needs. Each returns the parsed body, or null when it did not come: a node may be
// dead at that moment, and trying again elsewhere is the caller's business.
import http from 'k6/http';

const TIMEOUT = '5s';

/** `a,b` → `['http://a', 'http://b']`: the addresses of the nodes. */
export function bases(text) {
  return text
    .split(',')
    .map((base) => base.trim().replace(/\/+$/, ''))
    .filter((base) => base !== '')
    .map((base) => (base.includes('://') ? base : `http://${base}`));
}

export const socketUrl = (base, ticket) => `${base.replace(/^http/, 'ws')}/ws?ticket=${encodeURIComponent(ticket)}`;

function call(method, url, token, body, status, name) {
  const headers = { 'Content-Type': 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  const payload = body === undefined ? null : JSON.stringify(body);
  // Without a name, every id in a path would become a metric series of its own.
  const response = http.request(method, url, payload, { headers, timeout: TIMEOUT, tags: { name } });
  return response.status === status ? response.json() : null;
}

export const login = (base, name, password) =>
  call('POST', `${base}/api/v1/auth/login`, null, { login: name, password }, 200, 'login');

export function ticket(base, token) {
  const made = call('POST', `${base}/api/v1/ws-tickets`, token, {}, 201, 'ws-tickets');
  return made === null ? null : made.ticket;
}

export const liveRounds = (base, token) =>
  call('GET', `${base}/api/v1/rounds?scope=live&limit=50`, token, undefined, 200, 'rounds');

export const round = (base, token, roundId) =>
  call('GET', `${base}/api/v1/rounds/${roundId}`, token, undefined, 200, 'round');

export const claim = (base, token, body) => call('POST', `${base}/api/v1/claims`, token, body, 200, 'claims');

/** The order that a claim became; null when it is not in the books, undefined when these could not be read. */
export function orderOf(base, token, roundId, claimId) {
  const page = call('GET', `${base}/api/v1/orders?round_id=${roundId}&limit=200`, token, undefined, 200, 'orders');
  return page === null ? undefined : page.items.find((order) => order.claim_id === claimId) || null;
}

export const status = (base, path) => http.get(`${base}${path}`, { timeout: TIMEOUT, tags: { name: path } }).status;
