// Bound to WeCom and signed in by it, in a real window; WeCom is played by a server of this test.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { DESK, PHONE, launch, openWindow, shoot, signIn } from './browser.mjs';
import { serveWith } from './server.mjs';

let wecom;
let server;
let browser;
/** What WeCom's page sends people back with; `null` keeps the state that it was given. */
let answer = { code: 'c1', state: null };
const asked = [];

before(async () => {
  wecom = createServer((request, response) => {
    const url = new URL(request.url, 'http://wecom');
    asked.push(url.pathname);
    const said = url.pathname === '/cgi-bin/gettoken' ? { access_token: 't1', expires_in: 7200 }
      : url.searchParams.get('code')?.startsWith('c') ? { userid: 'WangLi' } : { errcode: 40029 };
    response.end(JSON.stringify({ errcode: 0, ...said }));
  });
  await new Promise((done) => { wecom.listen(0, '127.0.0.1', done); });
  server = await serveWith({
    GRABORDER_WECOM__CORP_ID: 'ww1', GRABORDER_WECOM__AGENT_ID: '1000002', GRABORDER_WECOM__SECRET: 'only for tests',
    GRABORDER_WECOM__BASE_URL: `http://127.0.0.1:${wecom.address().port}`,
  });
  browser = await launch();
}, { timeout: 240_000 });

after(async () => {
  await browser?.close();
  await server?.stop();
  wecom?.close();
}, { timeout: 60_000 });

/** A window in which WeCom's own page sends people back at once. */
async function window(shape = DESK) {
  const page = await openWindow(browser, `${server.base_url}/`, shape);
  await page.context().route('https://login.work.weixin.qq.com/**', (route) => {
    const said = new URL(route.request().url()).searchParams;
    assert.deepEqual([said.get('appid'), said.get('agentid')], ['ww1', '1000002']);
    const back = new URL(said.get('redirect_uri'));
    back.search = new URLSearchParams({ code: answer.code, state: answer.state ?? said.get('state') }).toString();
    return route.fulfill({ contentType: 'text/html', body: `<script>location.replace(${JSON.stringify(back.href)})</script>` });
  });
  return page;
}
const clerk = () => server.logins.find((login) => login.role === 'store_staff');

test('whoever is not bound is told what to do, binds in the account page, and is signed in by WeCom from then on', async () => {
  const page = await window();
  await page.click('[data-way=wecom]');
  await page.waitForSelector('.wrong:has-text("绑定")');
  assert.equal(new URL(page.url()).search, '', 'the address bar keeps no code');
  await shoot(page, '40-wecom-unbound');

  await signIn(page, clerk());
  await page.goto(`${server.base_url}/#/account`);
  answer = { code: 'c2', state: null };
  await page.click('.bindings [data-way=wecom] button');
  await page.waitForSelector('.bindings [data-way=wecom]:has-text("已绑定")');
  await shoot(page, '41-wecom-bound');

  const other = await window();
  answer = { code: 'c3', state: null };
  await other.click('[data-way=wecom]');
  await other.waitForSelector('.tabs');
  assert.deepEqual(other.complaints, []);
});

test('a way back under a state that nobody gave out signs nobody in', async () => {
  const page = await window();
  answer = { code: 'c4', state: 'somebody-elses' };
  const before = asked.length;
  await page.click('[data-way=wecom]');
  await page.waitForFunction(() => !location.search && document.querySelector('[data-way=wecom]'));
  assert.equal(await page.locator('.tabs').count(), 0);
  assert.equal(asked.length, before, 'the code was not even shown to the server');
});

test('a phone outside WeCom is not offered what cannot work there', async () => {
  const page = await openWindow(browser, `${server.base_url}/`, { ...PHONE, userAgent: 'Mozilla/5.0 (Linux; Android 14) Chrome/142 Mobile' });
  await page.waitForSelector('input[name=password]');
  await page.waitForTimeout(300);
  assert.equal(await page.locator('[data-way=wecom]').count(), 0);
});
