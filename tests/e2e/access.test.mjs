// Every page of the desk is for everybody: axe finds nothing serious, nothing runs over its edge, nothing stays untranslated.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { DESK, PHONE, launch, openWindow, shoot, signIn } from './browser.mjs';
import { Person } from './people.mjs';
import { startServer } from './server.mjs';

const WALL = { viewport: { width: 1920, height: 1080 } };
const PAGES = {
  supervisor: ['', 'new', 'new?step=2', 'new?step=3', 'new?step=4', 'orders', 'warehouse', 'stores', 'stock', 'goods', 'imports', 'account', 'board', 'nothing-here'],
  admin: ['people', 'people?tab=invites', 'people?tab=log'],
  warehouse_clerk: ['warehouse'],
  finance: ['stores'],
};

let server;
let browser;
let axe;
/** Of rounds, people, warehouses, the chain; and the button that leads to Chinese. */
let names;
let round_id;
let store_id;
const login = (role) => server.logins.find((one) => one.role === role);

before(async () => {
  server = await startServer({ first_round_s: 3_600 });
  browser = await launch();
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const chief = await new Person(server.base_url, login('supervisor')).signIn();
  round_id = (await chief.call('GET', '/rounds')).items[0].round_id;
  const staff = await Promise.all(Object.keys(PAGES).map((role) => new Person(server.base_url, login(role)).signIn()));
  const admin = staff.find(({ role }) => role === 'admin');
  const [live, past, people, places, { chain }] = await Promise.all([
    chief.call('GET', '/rounds?limit=200'), chief.call('GET', '/rounds?scope=past&limit=200'), admin.call('GET', '/users?limit=200'), chief.call('GET', '/warehouses'), chief.call('GET', '/me'),
  ]);
  const [invites, acts] = await Promise.all([admin.call('GET', '/invites?limit=200'), admin.call('GET', '/admin-actions?limit=200')]);
  const met = [...invites.items.flatMap((one) => [one.used_by_name, one.created_by_name]), ...acts.items.flatMap((one) => [one.on_name, one.by_name, one.reason])].filter(Boolean);
  const own = staff.map(({ user }) => user.name);
  names = [...live.items, ...past.items, ...people.items, ...places.items].map(({ name }) => name).concat(chain.name, met, own, own.map((name) => name.slice(0, 1)), '中文', '中').sort((a, b) => b.length - a.length);
  store_id = (await chief.call('GET', '/stores?limit=1')).items[0].store_id;
}, { timeout: 240_000 });

after(async () => {
  await browser?.close();
  await server?.stop();
}, { timeout: 60_000 });

/** What axe holds for serious or worse, in one line each. */
async function faults(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${node.html.slice(0, 160)} ${node.any.map(({ message }) => message).join('; ').slice(0, 160)}`));
}

async function enter(shape, role, lang, theme) {
  const page = await openWindow(browser, `${server.base_url}/console/`, shape);
  await page.evaluate(([l, t]) => { localStorage.setItem('graborder.lang', l); localStorage.setItem('graborder.theme', t); }, [lang, theme]);
  await page.reload();
  await signIn(page, login(role));
  await page.waitForSelector('nav');
  return page;
}

for (const [lang, theme, shape, size] of [['zh', 'light', DESK, 'desk'], ['en', 'dark', DESK, 'desk'], ['zh', 'dark', PHONE, 'phone'], ['en', 'light', WALL, 'wall']]) {
  test(`every page in ${lang}, ${theme}, on a ${size}`, { timeout: 300_000 }, async () => {
    const found = [];
    for (const [role, pages] of Object.entries(PAGES)) {
      const page = await enter(shape, role, lang, theme);
      const all = role === 'supervisor' ? [...pages, `round/${round_id}`, `stores/${store_id}`] : pages;
      for (const path of all) {
        await page.goto(`${server.base_url}/console/#/${path}`);
        await page.waitForSelector('main:not([aria-busy=true])');
        await page.waitForTimeout(700);
        found.push(...(await faults(page)).map((fault) => `${role} #/${path} ${fault}`));
        const over_px = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (over_px > 0) found.push(`${role} #/${path} runs ${over_px} px over its edge`);
        if (lang === 'en') {
          // What people called their things may be Chinese; what the page says may not.
          const texts = await page.evaluate(() => [...document.querySelectorAll('h1, h2, th, td, label, button, a, p, .tag, .m, dt, dd, li')].filter((one) => one.getClientRects().length > 0).map((one) => one.innerText));
          const chinese = texts.map((text) => names.reduce((rest, name) => rest.replaceAll(name, ''), text)).find((text) => /[\u4e00-\u9fff]/.test(text));
          if (chinese) found.push(`${role} #/${path} says ${JSON.stringify(chinese.slice(0, 80))}`);
        }
        await shoot(page, `50-${size}-${lang}-${role}-${path.replace(/[^a-z0-9]+/g, '-').slice(0, 24)}`);
      }
      assert.deepEqual(page.complaints, []);
      await page.context().close();
    }
    assert.equal(found.length, 0, `\n${found.join('\n')}`);
  });
}

test('who is not let in finds an accessible door', async () => {
  const page = await openWindow(browser, `${server.base_url}/console/`, PHONE);
  assert.deepEqual(await faults(page), []);
});
