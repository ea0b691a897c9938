// The real thing: the binary with its private servers, or an instance that somebody already runs.
//
// GRABORDER_BIN   the binary, else target/debug/graborder
// GRABORDER_BASE  an instance instead; its logins are read from GRABORDER_DEMO, else .data/demo.json

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const START_MS_MAX = 120_000;
const STOP_MS_MAX = 30_000;

/** A child whose output is kept, and its end. */
function run(args, env = {}) {
  const binary = process.env.GRABORDER_BIN ?? join(root, 'target/debug/graborder');
  const said = [];
  const child = spawn(binary, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { said.push(String(chunk)); });
  const ended = new Promise((done) => child.once('exit', (code, signal) => done(signal ?? code)));
  const stop = async () => {
    child.kill('SIGINT');
    if (await Promise.race([ended, sleep(STOP_MS_MAX, 'late')]) === 'late') child.kill('SIGKILL');
    return ended;
  };
  return { child, said, stop };
}

async function until(found, { child, said }) {
  const until_ms = Date.now() + START_MS_MAX;
  while (Date.now() < until_ms && child.exitCode === null) {
    const it = found();
    if (it) return it;
    await sleep(200);
  }
  throw new Error(`the server did not come up:\n${said.join('').slice(-4_000)}`);
}

/** A node as an operator runs one, with settings of the test's choice, on private servers and the demo chain without rounds. */
export async function serveWith(settings) {
  const data = await mkdtemp(join(tmpdir(), 'graborder-e2e-'));
  const servers = run(['private', '--data', data, '--discard']);
  const children = [servers];
  const stop = async () => {
    for (const child of children.reverse()) await child.stop();
    await rm(data, { recursive: true, force: true });
  };
  try {
    const file = join(data, 'private.json');
    await until(() => existsSync(file), servers);
    const { redis_url, database_url, token_secret, logins } = JSON.parse(readFileSync(file, 'utf8'));
    const node = run(['serve'], {
      GRABORDER_REDIS_URL: redis_url, DATABASE_URL: database_url, GRABORDER_TOKEN_SECRET: token_secret, GRABORDER_HTTP__BIND: '127.0.0.1:0', ...settings,
    });
    children.push(node);
    const base_url = await until(() => /serves on (http:\S+)/.exec(node.said.join(''))?.[1], node);
    return { base_url, logins, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `first_round_s`: how long the tests have before the first round opens. */
export async function startServer({ first_round_s }) {
  if (process.env.GRABORDER_BASE) {
    const demo = JSON.parse(readFileSync(process.env.GRABORDER_DEMO ?? join(root, '.data/demo.json'), 'utf8'));
    return { base_url: process.env.GRABORDER_BASE.replace(/\/$/, ''), logins: demo.logins, stop: async () => undefined };
  }
  const binary = process.env.GRABORDER_BIN ?? join(root, 'target/debug/graborder');
  const data = await mkdtemp(join(tmpdir(), 'graborder-e2e-'));
  const said = [];
  const child = spawn(binary, ['dev', '--port', '0', '--data', data, '--discard', '--first-round-s', String(first_round_s)], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { said.push(String(chunk)); });
  const ended = new Promise((done) => child.once('exit', (code, signal) => done(signal ?? code)));

  const stop = async () => {
    child.kill('SIGINT');
    const how = await Promise.race([ended, sleep(STOP_MS_MAX, 'late')]);
    if (how === 'late') child.kill('SIGKILL');
    await ended;
    await rm(data, { recursive: true, force: true });
    if (how !== 0) throw new Error(`the server did not stop well (${how}):\n${said.join('').slice(-4_000)}`);
  };

  const file = join(data, 'demo.json');
  const until = Date.now() + START_MS_MAX;
  while (Date.now() < until) {
    if (existsSync(file)) {
      const { base_url, logins } = JSON.parse(readFileSync(file, 'utf8'));
      const ready = await fetch(`${base_url}/readyz`).then((response) => response.ok, () => false);
      if (ready) return { base_url, logins, stop };
    }
    if (child.exitCode !== null) break;
    await sleep(200);
  }
  child.kill('SIGKILL');
  await ended;
  throw new Error(`the server did not come up:\n${said.join('').slice(-4_000)}`);
}
