// A few breaths of a running instance: health, sign-in, a ticket, one claim, one verdict, the same verdict again.
//
// DEMO  the file that `make run` writes, .data/demo.json: {base_url, logins: [{role, login, password, store_code?}]}
import { check, fail, sleep } from 'k6';
import { ServerClock } from './lib/clock.js';
import { bases, claim as claimOverHttp, liveRounds, login, round, status } from './lib/http.js';
import { uuid } from './lib/ids.js';
import { runSession } from './lib/session.js';
import { smoke } from './lib/shapes.js';
import { fingerprint, isDecided, retryAfterMs } from './lib/verdict.js';

const demo = JSON.parse(open(__ENV.DEMO || '../.data/demo.json'));

export const options = {
  scenarios: { smoke: smoke.scenario },
  // Every check must hold, and all of them must have been made.
  thresholds: { checks: ['rate==1'], iterations: ['count==1'] },
};

export default function () {
  const [base] = bases(demo.base_url);
  check(status(base, '/healthz'), { 'the node is alive': (code) => code === 200 });
  check(status(base, '/readyz'), { 'the node is ready': (code) => code === 200 });

  const who = demo.logins.find((one) => one.store_code) || fail('the demo names no store');
  const signedIn = login(base, who.login, who.password);
  check(signedIn, { 'a store signs in': (answer) => answer !== null });
  const token = signedIn.access_token;

  const chosen = roundToTry(base, token);
  const line = chosen.lines.find((one) => one.own && one.own.cap_units >= one.pack) || chosen.lines[0];
  const body = {
    claim_id: uuid(),
    round_id: chosen.round_id,
    lines: [{ line_id: line.line_id, qty: line.pack }],
    mode: 'PARTIAL',
  };

  const verdict = verdictOverSocket(base, token, body, chosen.opens_at_ms);
  check(verdict, { 'the claim is decided': (answer) => answer !== null });
  const again = claimOverHttp(base, token, body);
  check(again, {
    'the same id gets the same verdict over HTTP': (answer) =>
      answer !== null && fingerprint(answer) === fingerprint(verdict),
  });
}

/** The live round that opens first, with its lines. */
function roundToTry(base, token) {
  const until = Date.now() + smoke.roundWithinMs;
  while (Date.now() < until) {
    const live = liveRounds(base, token);
    const soonest = live === null ? undefined : live.items.find((one) => one.closes_at_ms > Date.now() + 5000);
    const read = soonest === undefined ? null : round(base, token, soonest.round_id);
    if (read !== null) return read;
    sleep(1);
  }
  return fail('no live round came');
}

function verdictOverSocket(base, token, body, opensAtMs) {
  const memory = { clock: new ServerClock(), storeSeq: null };
  const deadlineMs = Math.max(Date.now(), opensAtMs) + smoke.patienceMs;
  const msUntil = (atMs) => memory.clock.msUntil(atMs);
  let verdict = null;
  runSession(base, token, memory, {
    welcome: (link) =>
      link.after(300, () => link.after(msUntil(opensAtMs), () => link.send({ t: 'claim', ...body }))),
    frame: (link, frame) => {
      if (frame.t !== 'verdict' || frame.claim_id !== body.claim_id) return;
      if (isDecided(frame)) {
        verdict = frame;
        link.close();
        return;
      }
      const waitMs = retryAfterMs(frame, msUntil);
      if (waitMs === null) link.close();
      else link.after(waitMs, () => link.send({ t: 'claim', ...body }));
    },
  }, deadlineMs);
  return verdict;
}
