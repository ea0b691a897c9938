// Windows as people have them: a phone, a desk. Anything a page complains of is kept, so that a test can ask for it.

import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const OUT = fileURLToPath(new URL('../../out/e2e/', import.meta.url));
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

export async function launch() {
  await mkdir(OUT, { recursive: true });
  const executablePath = process.env.GRABORDER_CHROMIUM ?? process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: FLAGS });
}

export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
export const DESK = { viewport: { width: 1440, height: 900 } };

export async function openWindow(browser, url, shape) {
  const context = await browser.newContext({ ...shape, locale: 'zh-CN' });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') page.complaints.push(message.text()); });
  await page.goto(url);
  return page;
}

export async function signIn(page, { login, password }) {
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
  await page.waitForSelector('input[name=password]', { state: 'detached' });
}

/** As people read it: no-break spaces are spaces. */
export async function read(page, selector) {
  const text = await page.locator(selector).first().innerText();
  return text.replace(/\u00a0/g, ' ').replace(/\s+/g, ' ').trim();
}

export function shoot(page, name) {
  return page.screenshot({ path: `${OUT}${name}.png` });
}
