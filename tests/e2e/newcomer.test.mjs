// A newcomer's first ten minutes, in real windows against the real binary: a clerk grabs, a supervisor watches the stock
// burn down, the warehouse dispatches, the store receives with one bottle broken; and a tap that met a dead network.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESK, PHONE, launch, openWindow, read, shoot, signIn } from './browser.mjs';
import { startLink } from './link.mjs';
import { Person, whoMayGrab } from './people.mjs';
import { startServer } from './server.mjs';

const FIRST_ROUND_S = 40;
const ROUND_MS_MAX = 240_000;
const SHOP_MAX = 12;

let server;
let browser;
let stores; // People with something to grab, one a store.
let order_no;
const windows = {};

const login = (role) => server.logins.find((l) => l.role === role);
const isArmed = '.foot .big[data-s=armed]';

before(async () => {
  server = await startServer({ first_round_s: FIRST_ROUND_S });
  browser = await launch();
  const until = Date.now() + 60_000;
  do {
    stores = await whoMayGrab(server.base_url, server.logins, 'store_staff', SHOP_MAX);
  } while (stores.length === 0 && Date.now() < until);
  assert.ok(stores.length >= 2, 'the demo has rounds that stores can use');
}, { timeout: 240_000 });

after(async () => {
  await browser?.close();
  await server?.stop();
}, { timeout: 60_000 });

test('a clerk signs in and sees a round counting down', async () => {
  const page = await openWindow(browser, `${server.base_url}/`, PHONE);
  windows.clerk = page;
  await shoot(page, '01-sign-in');
  await signIn(page, stores[0].person);
  await page.waitForSelector('.hero [role=timer]');
  await page.waitForSelector('.sig:not([data-q="0"])');
  const first = await read(page, '.hero [role=timer]');
  assert.match(first, /^\d{1,2}:\d{2}$/);
  await page.waitForFunction((before) => document.querySelector('.hero [role=timer]')?.textContent !== before, first);
  assert.match(await read(page, '.top h1'), new RegExp(stores[0].person.user.store.name.slice(0, 6)));
  await shoot(page, '02-rounds');
});

test('a tap before the opening is told so and sends nothing', async () => {
  const page = windows.clerk;
  await page.click('.hero .btn');
  await page.waitForSelector('.foot .big');
  if ((await page.getAttribute('.foot .big', 'data-s')) !== 'off') return; // The given instance has a round open already.
  await page.click('.foot .big');
  // It shakes and says so for a moment, as soon as the page has drawn it.
  await page.waitForFunction(() => document.querySelector('.foot .big')?.textContent.includes('未开抢'), undefined, { timeout: 5_000 });
  await shoot(page, '03-before');
  const { items } = await stores[0].person.orders(stores[0].round.round_id);
  assert.deepEqual(items, []);
});

test('a supervisor opens the board', async () => {
  const page = await openWindow(browser, `${server.base_url}/console/`, DESK);
  windows.board = page;
  await signIn(page, login('supervisor'));
  await page.waitForSelector('.next');
  await shoot(page, '04-console-rounds');
  await page.goto(`${server.base_url}/console/#/board/${stores[0].round.round_id}`);
  await page.waitForSelector('.wall .lines .p');
  assert.equal(await page.locator('.wall .lines .p').count(), stores[0].round.lines.length);
  await shoot(page, '05-board-before');
});

test('at the opening the button arms itself, a tap becomes an order with a number', { timeout: ROUND_MS_MAX }, async () => {
  const page = windows.clerk;
  await page.waitForSelector(isArmed, { timeout: ROUND_MS_MAX });
  await shoot(page, '06-armed');
  assert.match(await read(page, isArmed), /^抢 \d+ [箱瓶]$/);
  const began = Date.now();
  await page.tap(isArmed);
  await page.waitForSelector('.green h1, .head .mark');
  const took_ms = Date.now() - began;
  const screen = await read(page, '#app');
  order_no = screen.match(/RO-\d{8}-\d{6}/)?.[0];
  assert.ok(order_no, screen);
  assert.match(screen, /已订 \d+ [箱瓶]/);
  assert.ok(took_ms < 5_000, `from tap to ordered ${took_ms} ms`);
  console.log(`# from tap to ordered: ${took_ms} ms, order ${order_no}`);
  await page.waitForTimeout(600); // The green has risen.
  await shoot(page, '07-ordered');
});

test('a tap on a dead network is kept and becomes one order when the network is back', async () => {
  const { person, round } = stores[1];
  const link = await startLink(server.base_url);
  try {
    const page = await openWindow(browser, `${link.base_url}/`, PHONE);
    await signIn(page, person);
    await page.waitForSelector('.hero .btn');
    await page.click('.hero .btn');
    await page.waitForSelector(isArmed);
    link.cut();
    await page.tap(isArmed);
    await page.waitForSelector('.foot .big[data-s=kept]');
    assert.match(await read(page, '#app'), /已为你保留点击/);
    await page.waitForTimeout(2_500);
    await shoot(page, '08-kept');
    // The clerk even closes the page: the tap stands in the phone's storage.
    await page.close();
    link.mend();
    const again = await page.context().newPage();
    await again.goto(`${link.base_url}/#/round/${round.round_id}`);
    await again.waitForSelector('.green h1, .head .mark', { timeout: 30_000 });
    await shoot(again, '09-kept-ordered');
    const { items } = await person.orders(round.round_id);
    assert.equal(new Set(items.map((order) => order.claim_id)).size, 1, 'one tap, one claim');
  } finally {
    await link.stop();
  }
});

test('the board shows the stock burning down', async () => {
  const crowd = stores.slice(2);
  await Promise.all(crowd.map(({ person, round, lines }) => person.claim(round.round_id, lines)));
  const page = windows.board;
  await page.waitForFunction((won) => Number(document.querySelector('.rest .huge')?.firstChild?.textContent?.replace(/,/g, '')) >= won, stores.length);
  await page.waitForFunction(() => document.querySelectorAll('.tick div').length > 0);
  const lines = await page.locator('.wall .left').allInnerTexts();
  const sold = lines.filter((text) => {
    const [left, total] = text.match(/\d+/g).map(Number);
    return text.includes('抢光') || left < total;
  });
  assert.ok(sold.length > 0, lines.join(' | '));
  const drawn = () => [...document.querySelectorAll('.wall .lines canvas')].filter((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0)).length;
  await page.waitForFunction(drawn);
  await shoot(page, '10-board');
  assert.deepEqual(page.complaints, []);
});

test('pause holds every phone, resume lets them go on', async () => {
  const board = windows.board;
  const clerk = windows.clerk;
  await clerk.click('.acts .btn.line, .foot .btn:last-child');
  await board.click('.wb:has-text("暂停")');
  await board.fill('.sheet textarea', '演练');
  await board.click('.sheet .b.k');
  await board.waitForSelector('.state.PAUSED');
  await clerk.waitForSelector('.foot .big[data-s=paused]');
  await shoot(clerk, '11-paused');
  await board.click('.wb:has-text("继续")');
  await board.fill('.sheet textarea', '演练结束');
  await board.click('.sheet .b.k');
  await board.waitForSelector('.state.OPEN');
  await clerk.waitForSelector('.foot .big:not([data-s=paused])');
});

test('the warehouse dispatches, and the store sees it come', async () => {
  const clerk = windows.clerk;
  const { items } = await stores[0].person.orders(stores[0].round.round_id);
  const order = items.find((item) => item.order_no === order_no);
  await clerk.goto(`${server.base_url}/#/order/${order.order_id}`);
  await clerk.waitForSelector('.tl');
  await shoot(clerk, '12-order');

  const page = await openWindow(browser, `${server.base_url}/console/`, DESK);
  await signIn(page, login('warehouse_clerk'));
  const row = page.locator('tr', { hasText: order_no });
  await row.waitFor();
  await shoot(page, '13-warehouse');
  await row.getByRole('button', { name: '发货' }).click();
  await page.fill('input[name=carrier]', '顺丰');
  await page.fill('input[name=tracking_no]', 'SF1234567890');
  await shoot(page, '14-dispatch');
  await page.click('.sheet .b.k');
  await clerk.waitForFunction(() => document.body.innerText.includes('SF1234567890'));
  await page.getByRole('tab', { name: /在途/ }).click();
  await row.getByRole('button', { name: '已到店' }).click();
  await clerk.waitForFunction(() => document.querySelector('.top')?.innerText.includes('已到店'));
  await shoot(clerk, '15-arrived');
  assert.deepEqual(page.complaints, []);
});

test('the store counts, one bottle is broken, and signs', async () => {
  const page = windows.clerk;
  const line = page.locator('.rl > div').first();
  await line.getByRole('button', { name: /减一瓶/ }).first().click();
  assert.match(await read(page, '.dif'), /少收 1 瓶/);
  await line.getByRole('radio', { name: '破损' }).click();
  await shoot(page, '16-one-damaged');
  await page.click('.foot .big');
  await page.waitForSelector('.settled');
  assert.match(await read(page, '.settled'), /有差异/);
  await shoot(page, '17-received');
  const { items } = await stores[0].person.orders(stores[0].round.round_id);
  const order = await stores[0].person.call('GET', `/orders/${items.find((item) => item.order_no === order_no).order_id}`);
  assert.equal(order.shipment.state, 'RECEIVED_WITH_DIFFERENCE');
  assert.equal(order.lines.reduce((sum, l) => sum + l.damaged, 0), 1);
  assert.deepEqual(page.complaints, []);
});

test('signing out leaves nothing behind on the phone', async () => {
  const page = windows.clerk;
  await page.goto(`${server.base_url}/#/me`);
  await page.click('.out');
  await page.waitForSelector('input[name=password]');
  const kept = await page.evaluate(() => Object.entries(localStorage).filter(([key]) => key.includes('tokens')).map(([, value]) => value));
  assert.ok(kept.every((value) => value === ''), 'no token is left');
});

test('a wrong password is told in words, and another role is shown its own door', async () => {
  const page = await openWindow(browser, `${server.base_url}/`, PHONE);
  const supervisor = login('supervisor');
  await page.fill('input[name=login]', supervisor.login);
  await page.fill('input[name=password]', 'not-the-password');
  await page.click('button[type=submit]');
  await page.waitForFunction(() => document.querySelector('.wrong')?.textContent?.trim());
  await signIn(page, supervisor);
  assert.match(await read(page, '#app'), /这里是门店页面/);
  assert.ok(await new Person(server.base_url, supervisor).signIn());
});
