// The pages under their own content policy: they work whole, and a text that would be a program is only a text.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESK, PHONE, launch, openWindow, signIn } from './browser.mjs';
import { startServer } from './server.mjs';

const HOSTILE = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>{{7*7}}\${jndi:x}`;

let server;
let browser;
const login = (role) => server.logins.find((l) => l.role === role);

before(async () => {
  server = await startServer({ first_round_s: 3_600 });
  browser = await launch();
}, { timeout: 240_000 });

after(async () => {
  await browser?.close();
  await server?.stop();
}, { timeout: 60_000 });

async function api(token, method, path, body) {
  const response = await fetch(`${server.base_url}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

async function signedIn(role) {
  const { login: name, password } = login(role);
  return (await api(null, 'POST', '/auth/login', { login: name, password })).access_token;
}

test('a round whose name is a program is shown as its name, on the phone and on the desk', async () => {
  const chief = await signedIn('supervisor');
  const { items } = await api(chief, 'GET', '/stock?limit=200');
  const stock = items.find((item) => item.available >= item.sku.case_pack);
  const at = (ms) => new Date(Date.now() + ms).toISOString();
  const draft = await api(chief, 'POST', '/rounds', {
    name: HOSTILE.slice(0, 80), opens_at: at(600_000), closes_at: at(1_200_000), stores: 'all',
    lines: [{ sku_id: stock.sku.sku_id, warehouse_id: stock.warehouse.warehouse_id, pledged: stock.sku.case_pack }],
  });
  const asked = await api(chief, 'POST', `/rounds/${draft.round_id}/publish`);
  // One case for all stores: a hot round, to which somebody else agrees.
  assert.equal(asked.state, 'PENDING_APPROVAL');
  const second = server.logins.filter((one) => one.role === 'supervisor')[1];
  const { access_token } = await api(null, 'POST', '/auth/login', { login: second.login, password: second.password });
  await api(access_token, 'POST', `/rounds/${draft.round_id}/approve`, {});

  for (const [path, shape, role] of [['/', PHONE, 'store_staff'], ['/console/', DESK, 'supervisor']]) {
    const page = await openWindow(browser, `${server.base_url}${path}`, shape);
    await page.evaluate(() => {
      window.broken = [];
      document.addEventListener('securitypolicyviolation', (event) => {
        window.broken.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    await signIn(page, login(role));
    await page.getByText('<img src=x', { exact: false }).first().waitFor();
    // Everything that the pages do with styles and sockets has had its time.
    await page.waitForTimeout(3_000);
    assert.equal(await page.evaluate(() => window.pwned), undefined, path);
    assert.deepEqual(await page.evaluate(() => window.broken), [], path);
    assert.deepEqual(page.complaints, [], path);
    const online = path === '/' ? '.sig:not([data-q="0"])' : 'body';
    await page.waitForSelector(online);
    // What a stored script would need is refused by the policy itself.
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.pwned = 2';
      document.body.append(script);
      const box = document.createElement('div');
      box.innerHTML = '<img src="data:,x" onerror="window.pwned = 3">';
      document.body.append(box);
      return new Promise((done) => { setTimeout(() => done(window.pwned), 500); });
    });
    assert.equal(ran, undefined, path);
    const elsewhere = await page.evaluate(() => fetch('https://elsewhere.invalid/').then(() => 'went', (error) => String(error)));
    assert.match(elsewhere, /Failed to fetch/);
    assert.ok((await page.evaluate(() => window.broken)).some((what) => what.startsWith('connect-src')), path);
  }
});

test('the description of the API can be browsed under its policy', async () => {
  const page = await openWindow(browser, `${server.base_url}/docs/`, DESK);
  await page.waitForSelector('.opblock');
  assert.deepEqual(page.complaints, []);
});

test('every answer carries the headers that browsers need', async () => {
  for (const [path, policy] of [
    ['/', "default-src 'self'"], ['/console/', "default-src 'self'"], ['/api/v1/me', "default-src 'none'"],
    ['/openapi.json', "default-src 'none'"], ['/nowhere.js', "default-src 'self'"], ['/docs/', "default-src 'self'"],
  ]) {
    const { headers } = await fetch(server.base_url + path);
    const policies = headers.get('content-security-policy');
    assert.ok(policies?.startsWith(policy), `${path}: ${policies}`);
    assert.ok(policies.includes("frame-ancestors 'none'"), path);
    assert.ok(path === '/docs/' || !policies.includes('unsafe'), `${path}: ${policies}`);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('referrer-policy'), 'same-origin', path);
    assert.equal(headers.get('x-frame-options'), 'DENY', path);
  }
});
