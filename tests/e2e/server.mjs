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
