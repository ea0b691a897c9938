// People come in, forget their password and lose a phone, in real windows against the real binary.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESK, PHONE, launch, openWindow, read, shoot, signIn } from './browser.mjs';
import { startServer } from './server.mjs';

const OWN = 'my very own words';
const LOGIN = `wang.${Date.now().toString(36)}`;

let server;
let browser;
let code;
const windows = {};
const login = (role) => server.logins.find((l) => l.role === role);

before(async () => {
  server = await startServer({ first_round_s: 600 });
  browser = await launch();
}, { timeout: 240_000 });

after(async () => {
  await browser?.close();
  await server?.stop();
}, { timeout: 60_000 });

test('an administrator invites a clerk of a store', async () => {
  const page = await openWindow(browser, `${server.base_url}/console/`, DESK);
  windows.admin = page;
  await signIn(page, login('admin'));
  await page.click('nav a[href="#/people"]');
  await page.waitForSelector('.people table');
  await shoot(page, '20-people');
  await page.click('.hd .b.k');
  await page.fill('.sheet input[name=store]', login('store_staff').store_code);
  await shoot(page, '21-invite');
  await page.click('.sheet button[type=submit]');
  code = await read(page, '[data-code]');
  assert.match(code, /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  await shoot(page, '22-invite-code');
  await page.click('.sheet button[type=submit]');
});

test('the clerk registers with the code and signs in', async () => {
  const page = await openWindow(browser, `${server.base_url}/`, PHONE);
  windows.clerk = page;
  await page.click('a[href="#/register"]');
  await page.fill('input[name=code]', code.toLowerCase());
  await page.fill('input[name=name]', '王丽');
  await page.fill('input[name=login]', LOGIN);
  await page.fill('input[name=password]', OWN);
  await shoot(page, '23-register');
  await page.click('button[type=submit]');
  await page.waitForSelector('.said.good');
  await signIn(page, { login: LOGIN, password: OWN });
  await page.waitForSelector('.tabs');
});

test('a forgotten password is reset, and the given one opens nothing but its own change', async () => {
  const { admin } = windows;
  await admin.fill('input[name=query]', LOGIN);
  await admin.press('input[name=query]', 'Enter');
  await admin.click(`tr[data-login="${LOGIN}"] [data-verb=reset_password]`);
  await admin.click('.sheet button[type=submit]');
  const given = await read(admin, '[data-code]');
  await shoot(admin, '24-reset');

  const page = await openWindow(browser, `${server.base_url}/`, PHONE);
  await page.fill('input[name=login]', LOGIN);
  await page.fill('input[name=password]', given);
  await page.click('button[type=submit]');
  await page.waitForSelector('input[name=new]');
  await shoot(page, '25-must-change');
  await page.reload();
  await page.fill('input[name=current]', given);
  await page.fill('input[name=new]', `${OWN}, again`);
  await page.click('button[type=submit]');
  await page.waitForSelector('.tabs');
  windows.clerk = page;
});

test('the devices are listed, and all of them signed out', async () => {
  const { clerk } = windows;
  await clerk.goto(`${server.base_url}/#/account`);
  await clerk.waitForSelector('.devices li .tag.won');
  await shoot(clerk, '26-devices');
  await clerk.click('.devices .all');
  await clerk.click('.devices .all.sure');
  await clerk.waitForSelector('input[name=password]');
});

test('what was done to whom is in the log, and no page complained', async () => {
  const { admin } = windows;
  await admin.click('.sheet button[type=submit]');
  await admin.click('.tb [role=tab]:nth-child(3)');
  await admin.waitForSelector('table tbody tr');
  const log = await read(admin, '.people table');
  for (const words of ['全部退出', '改密码', '重置密码', '注册', '发邀请']) assert.ok(log.includes(words), `${words} in ${log}`);
  await shoot(admin, '27-log');
  await admin.goto(`${server.base_url}/console/#/account`);
  await admin.waitForSelector('.devices li');
  await shoot(admin, '28-account');
  assert.deepEqual(admin.complaints, []);
});
