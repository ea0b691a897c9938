// People of the demo chain, as the HTTP interface knows them: to find who has something to grab, and to be the crowd.

export class Person {
  constructor(base_url, { login, password, role }) {
    Object.assign(this, { base_url, login, password, role });
  }

  async call(method, path, body) {
    const response = await fetch(`${this.base_url}/api/v1${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} as ${this.login}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  async signIn() {
    const { access_token, user } = await this.call('POST', '/auth/login', { login: this.login, password: this.password });
    this.token = access_token;
    this.user = user;
    return this;
  }

  async nextRound() {
    const { items } = await this.call('GET', '/rounds?scope=live');
    return items[0] && this.call('GET', `/rounds/${items[0].round_id}`);
  }

  orders(round_id) {
    return this.call('GET', `/orders?round_id=${round_id}`);
  }

  claim(round_id, lines) {
    return this.call('POST', '/claims', { claim_id: crypto.randomUUID(), round_id, lines, mode: 'PARTIAL' });
  }
}

/** What a store may still take of a round, in whole packs. */
export function wanted(round) {
  return round.lines
    .filter(({ own, pack }) => own?.listed && (own.gate == null || own.net_units < own.gate) && own.cap_units >= pack)
    .map(({ line_id, pack, own }) => ({ line_id, qty: Math.floor(own.cap_units / pack) * pack }));
}

/** Store people who have something to grab in the coming round, one a store, those with most cases first. */
export async function whoMayGrab(base_url, logins, role, most) {
  const found = [];
  for (const login of logins.filter((l) => l.role === role)) {
    const person = await new Person(base_url, login).signIn();
    const round = await person.nextRound();
    const lines = round ? wanted(round) : [];
    if (lines.length > 0) found.push({ person, round, lines });
    if (found.length === most) break;
  }
  return found;
}
