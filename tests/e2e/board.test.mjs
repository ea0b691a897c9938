// The wall over a long round, shortened: as many frames as fifteen minutes bring, in one. Memory must not grow with them,
// the curves are drawn, and what is read from three metres is large enough.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PHONE, launch, openWindow, shoot, signIn } from './browser.mjs';
import { Person } from './people.mjs';
import { startServer } from './server.mjs';

const WALL = { viewport: { width: 1920, height: 1080 } };
const FRAMES = 3_600;
const FRAME_MS = 15;
const HEAP_GROWTH_MAX = 6_000_000;

let server;
let browser;
let round;
const login = (role) => server.logins.find((one) => one.role === role);

before(async () => {
  server = await startServer({ first_round_s: 3_600 });
  browser = await launch();
  const chief = await new Person(server.base_url, login('supervisor')).signIn();
  const { items } = await chief.call('GET', '/rounds');
  round = await chief.call('GET', `/rounds/${items[0].round_id}`);
}, { timeout: 240_000 });

after(async () => {
  await browser?.close();
  await server?.stop();
}, { timeout: 60_000 });

/** A board whose socket also says what a busy round would. */
async function openBoard(shape) {
  const page = await openWindow(browser, `${server.base_url}/console/`, shape);
  let socket;
  await page.routeWebSocket(/\/ws\?/, (client) => {
    socket = client;
    const upstream = client.connectToServer();
    client.onMessage((message) => upstream.send(message));
    upstream.onMessage((message) => client.send(message));
  });
  await signIn(page, login('supervisor'));
  await page.goto(`${server.base_url}/console/#/board/${round.round_id}`);
  await page.waitForSelector('.wall .lines .p');
  await page.waitForFunction(() => document.querySelector('.wall:not(.stale)'));
  const opens_at_ms = Date.now();
  socket.send(JSON.stringify({
    t: 'round', round_id: round.round_id, version: 1e9, server_time_ms: opens_at_ms, state: 'OPEN', opens_at_ms, closes_at_ms: opens_at_ms + 600_000,
    lines: round.lines.map(({ line_id, left_units }) => ({ line_id, left: left_units, sold_out: false })),
  }));
  await page.waitForSelector('.state.OPEN');
  const frame = (n, of) => socket.send(JSON.stringify({
    t: 'board', round_id: round.round_id, version: 1e9 + n, server_time_ms: Date.now(), as_of_ms: Date.now(), claims: n * 7, won: n * 3, winning_stores: Math.min(300, n), granted_units: n * 12,
    revoked: 0, refused: { E14: n * 3, E11: n, E13: Math.floor(n / 4), E17: Math.floor(n / 9) },
    lines: round.lines.map(({ line_id, offered_units }, i) => ({ line_id, offered: offered_units, left: Math.max(i === 0 ? 0 : Math.floor(offered_units / (i + 2)), Math.round(offered_units * (1 - (n * (1 + (i % 2))) / of))), ...(i === 0 && n * 2 > of ? { sold_out_at_ms: opens_at_ms + 8_123 } : {}) })),
    winners: Array.from({ length: 10 }, (_, i) => ({ store_code: String(2_000 + ((n + i) % 300)), store_name: `HY-VEE / DECORAH ${(n + i) % 300}`, units: 12 + i, at_ms: Date.now() - i * 100 })),
    sessions_online: 300 + (n % 40), stores_online: 280 + (n % 20),
  }));
  return { page, frame };
}

async function heap(page, devtools) {
  await devtools.send('HeapProfiler.collectGarbage');
  return (await devtools.send('Runtime.getHeapUsage')).usedSize;
}

test('fifteen minutes of frames leave the memory of the wall as it was', { timeout: 240_000 }, async () => {
  const { page, frame } = await openBoard(WALL);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.enable');
  const heaps = [];
  for (let n = 1; n <= FRAMES; n += 1) {
    frame(n, FRAMES);
    await sleep(FRAME_MS);
    if (n % (FRAMES / 6) === 0) heaps.push(await heap(page, devtools));
  }
  console.log(`# heap of the wall after each sixth of ${FRAMES} frames: ${heaps.map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`).join(', ')}`);
  assert.ok(heaps.at(-1) - heaps[1] < HEAP_GROWTH_MAX, `${heaps}`);
  const drawn = await page.evaluate(() => [...document.querySelectorAll('.wall canvas')].map((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0)));
  assert.deepEqual(drawn, Array.from({ length: round.lines.length + 1 }, () => true));
  const small = await page.evaluate(() => [...document.querySelectorAll('.wall *')].filter((one) => one.childNodes.length === 1 && one.firstChild.nodeType === 3 && one.getClientRects().length > 0 && parseFloat(getComputedStyle(one).fontSize) < 23.9).map((one) => one.textContent));
  assert.deepEqual(small, [], 'nothing on the wall is smaller than 24 pixels');
  await shoot(page, '60-wall');
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('the board fits a phone', async () => {
  const { page, frame } = await openBoard(PHONE);
  for (let n = 1; n <= 40; n += 1) { frame(n, 60); await sleep(50); }
  await page.waitForTimeout(500);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
  await page.screenshot({ path: new URL('../../out/e2e/61-board-phone.png', import.meta.url).pathname, fullPage: true });
  assert.deepEqual(page.complaints, []);
});
