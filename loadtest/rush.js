// The rush: everybody taps at T0, some nodes die, and every tap is owed one answer that never changes.
//
// BASE      addresses of the nodes, comma separated; session i begins at node i mod n
// TOKENS    JSON file, [{store_code, token}]: one signed-in store per session, reused in turn when there are fewer
// ROUND_ID  the round to rush
// SESSIONS  how many sessions (300)
// PACKS     packs asked for by each (1)
// OUT       file for the figures, as JSON
import { sleep } from 'k6';
import { SharedArray } from 'k6/data';
import { Counter, Trend } from 'k6/metrics';
import exec from 'k6/execution';
import { ServerClock } from './lib/clock.js';
import { bases, orderOf, round } from './lib/http.js';
import { uuid } from './lib/ids.js';
import { count, percentiles, trendStats } from './lib/report.js';
import { runSession } from './lib/session.js';
import { rush } from './lib/shapes.js';
import { fingerprint, grantedUnits, isDecided, isWin, retryAfterMs } from './lib/verdict.js';

const SESSIONS = Number(__ENV.SESSIONS || 300);
const PACKS = Number(__ENV.PACKS || 1);
const BASES = bases(__ENV.BASE || '127.0.0.1:8080');
const ROUND_ID = __ENV.ROUND_ID;
const shape = rush(SESSIONS);
const tokens = new SharedArray('tokens', () => JSON.parse(open(__ENV.TOKENS)));

const figures = {
  claims: new Counter('claims'), // claims tapped, each counted once
  frames: new Counter('claim_frames'), // claim frames sent, repeats included
  won: new Counter('won'),
  grantedUnits: new Counter('granted_units'),
  lost: new Counter('lost'),
  tooLate: new Counter('too_late'), // answered only after the round was over, so never decided
  ordered: new Counter('ordered'),
  revoked: new Counter('revoked'),
  unordered: new Counter('unordered'), // won, and neither ordered nor revoked in time
  unanswered: new Counter('unanswered'), // no decided verdict, or none from a second node
  verdictChanged: new Counter('verdict_changed'),
  reconnects: new Counter('reconnects'),
  finished: new Counter('finished'), // sessions that ran to their end; fewer means that the run itself broke
  tapToVerdict: new Trend('tap_to_verdict_ms'),
  wonToOrdered: new Trend('won_to_ordered_ms'),
};

export const options = {
  scenarios: { rush: shape.scenario },
  summaryTrendStats: trendStats,
  thresholds: {
    unanswered: ['count==0'],
    verdict_changed: ['count==0'],
    unordered: ['count==0'],
    finished: [`count==${SESSIONS}`],
  },
};

export function setup() {
  if (!ROUND_ID) exec.test.abort('ROUND_ID is missing');
  if (tokens.length === 0) exec.test.abort('TOKENS holds no token');
  const seen = firstOf(BASES, (base) => round(base, tokens[0].token, ROUND_ID));
  if (seen === null) exec.test.abort(`round ${ROUND_ID} cannot be read from ${BASES}`);
  return { lines: seen.lines.map(({ line_id, pack }) => ({ line_id, pack })), opensAtMs: seen.opens_at_ms };
}

export default function ({ lines, opensAtMs }) {
  const i = exec.vu.idInTest - 1;
  const { token } = tokens[i % tokens.length];
  sleep((shape.arriveWithinMs / 1000) * (i / SESSIONS));

  const line = lines[i % lines.length];
  const claim = {
    t: 'claim',
    claim_id: uuid(),
    round_id: ROUND_ID,
    lines: [{ line_id: line.line_id, qty: line.pack * PACKS }],
    mode: 'PARTIAL',
  };
  const tap = new Tap(claim, token, i, opensAtMs);
  tap.untilAnswered();
  tap.confirmElsewhere();
  tap.report();
}

/** One store's finger, from the countdown to the order. */
class Tap {
  constructor(claim, token, i, opensAtMs) {
    this.claim = claim;
    this.token = token;
    this.at = i;
    this.opensAtMs = opensAtMs;
    this.jitterMs = Math.random() * shape.tapJitterMs;
    this.memory = { clock: new ServerClock(), storeSeq: null };
    this.tappedMs = null; // local clock, as the next three
    this.decidedMs = null;
    this.orderedMs = null;
    this.verdict = null; // the first decided one; every later one must equal it
    this.revoked = false;
    this.mustLook = false; // a snapshot said that events were missed
    this.tooLate = false;
    this.confirmed = false;
    this.deadlineMs = Math.max(Date.now(), opensAtMs) + shape.patienceMs;
  }

  base() {
    return BASES[this.at % BASES.length];
  }

  /** Session after session, node after node, until the claim has its verdict and a win its order. */
  untilAnswered() {
    const done = () => this.tooLate || (this.verdict !== null && (!isWin(this.verdict) || this.settled()));
    this.sessions(done, {
      welcome: (link) => this.aim(link),
      frame: (link, frame) => {
        this.hear(link, frame);
        if (done()) link.close();
      },
    });
  }

  settled() {
    return this.orderedMs !== null || this.revoked;
  }

  /** The same verdict must come from another node. */
  confirmElsewhere() {
    if (this.verdict === null) return;
    this.at += 1;
    this.deadlineMs = Math.max(this.deadlineMs, Date.now() + shape.confirmWithinMs);
    const ask = { t: 'claim_status', round_id: this.claim.round_id, claim_id: this.claim.claim_id };
    this.sessions(() => this.confirmed, {
      welcome: (link) => link.send(ask),
      frame: (link, frame) => {
        if (frame.t === 'verdict' && frame.claim_id === this.claim.claim_id && isDecided(frame)) {
          this.confirmed = true;
          this.compare(frame);
          link.close();
        } else if (frame.t === 'error' || frame.t === 'verdict') {
          link.after(300, () => link.send(ask));
        }
      },
    }, BASES.length);
  }

  /** Sessions until `done` or the end of patience. Each goes `step` nodes on; the number of nodes leads back to the same. */
  sessions(done, handlers, step = 1) {
    let first = true;
    while (!done() && Date.now() < this.deadlineMs) {
      if (!first) {
        this.at += step;
        figures.reconnects.add(1);
        sleep(0.2 + Math.random() * 0.3);
      }
      first = false;
      runSession(this.base(), this.token, this.memory, handlers, this.deadlineMs);
    }
  }

  /** Taps at T0 plus jitter; after a lost socket at once, under the same id. */
  aim(link) {
    if (this.verdict !== null) {
      this.lookForOrder(link);
    } else if (this.tappedMs !== null) {
      this.send(link);
    } else {
      link.send({ t: 'watch', round_id: this.claim.round_id });
      // The clock needs its pings first; whoever comes late taps at once after them.
      link.after(250, () => this.tapWhenOpen(link));
    }
  }

  tapWhenOpen(link) {
    const waitMs = this.memory.clock.msUntil(this.opensAtMs);
    if (waitMs > 0) {
      // A pause may move the opening, so a long wait is looked at again.
      link.after(Math.min(waitMs, 1000) + (waitMs <= 1000 ? this.jitterMs : 0), () => this.tapWhenOpen(link));
      return;
    }
    if (this.tappedMs !== null) return;
    this.tappedMs = Date.now();
    figures.claims.add(1);
    this.send(link);
  }

  send(link) {
    figures.frames.add(1);
    link.send(this.claim);
  }

  hear(link, frame) {
    const mine = frame.claim_id === this.claim.claim_id;
    switch (frame.t) {
      case 'verdict':
        if (mine) this.hearVerdict(link, frame);
        break;
      case 'ordered':
        if (mine && this.orderedMs === null) this.orderedMs = Date.now();
        break;
      case 'revoked':
        if (mine) this.revoked = true;
        break;
      case 'round':
        if (frame.round_id === this.claim.round_id) this.opensAtMs = frame.opens_at_ms;
        break;
      case 'snapshot':
        // What was missed is not repeated; it stands in the books, perhaps with an order whose verdict is still to come.
        this.mustLook = true;
        this.lookForOrder(link);
        break;
      case 'error':
        // The outcome is unknown, or the frame was not taken: the same id is safe to send again.
        if (mine && this.verdict === null) link.after(frame.retry_after_ms || 300, () => this.send(link));
        break;
      default:
    }
  }

  hearVerdict(link, frame) {
    if (isDecided(frame)) {
      if (this.verdict !== null) {
        this.compare(frame);
        return;
      }
      this.verdict = frame;
      this.decidedMs = Date.now();
      if (this.mustLook) this.lookForOrder(link);
    } else if (this.verdict === null) {
      const waitMs = retryAfterMs(frame, (atMs) => this.memory.clock.msUntil(atMs));
      if (waitMs === null) this.tooLate = true;
      else link.after(waitMs, () => this.send(link));
    } else {
      // A decided claim that is suddenly undecided has lost its answer.
      this.changed(frame);
    }
  }

  compare(frame) {
    if (fingerprint(frame) !== fingerprint(this.verdict)) this.changed(frame);
  }

  changed(frame) {
    figures.verdictChanged.add(1);
    console.error(`verdict changed: ${JSON.stringify(this.verdict)} became ${JSON.stringify(frame)}`);
  }

  /** Reads the books once, again only if they could not be read: a later order must come as an event. */
  lookForOrder(link) {
    if (this.verdict === null || !isWin(this.verdict) || this.settled()) return;
    const order = orderOf(this.base(), this.token, this.claim.round_id, this.claim.claim_id);
    if (order === undefined) {
      link.after(500, () => this.lookForOrder(link));
    } else if (order !== null) {
      this.orderedMs = Date.now();
      link.close();
    }
  }

  report() {
    // A counter that was never touched has no value to hold against its threshold, so each gets its zero.
    const won = this.verdict !== null && isWin(this.verdict);
    const told = this.tooLate || (this.verdict !== null && this.confirmed);
    figures.won.add(won ? 1 : 0);
    figures.grantedUnits.add(won ? grantedUnits(this.verdict) : 0);
    figures.lost.add(this.verdict !== null && !won ? 1 : 0);
    figures.tooLate.add(this.tooLate ? 1 : 0);
    figures.ordered.add(won && this.orderedMs !== null ? 1 : 0);
    figures.revoked.add(this.revoked ? 1 : 0);
    figures.unordered.add(won && !this.settled() ? 1 : 0);
    figures.unanswered.add(told ? 0 : 1);
    figures.verdictChanged.add(0);
    if (this.verdict !== null) figures.tapToVerdict.add(this.decidedMs - this.tappedMs);
    // An order that was heard of before its verdict took no time at all.
    if (won && this.orderedMs !== null) figures.wonToOrdered.add(Math.max(0, this.orderedMs - this.decidedMs));
    figures.finished.add(1);
    if (!told) console.error(`unanswered: claim ${this.claim.claim_id}, verdict ${JSON.stringify(this.verdict)}`);
  }
}

function firstOf(candidates, ask) {
  for (const candidate of candidates) {
    const found = ask(candidate);
    if (found !== null) return found;
  }
  return null;
}

export function handleSummary(data) {
  const report = {
    sessions: SESSIONS,
    claims: count(data, 'claims'),
    claim_frames: count(data, 'claim_frames'),
    won: count(data, 'won'),
    granted_units: count(data, 'granted_units'),
    lost: count(data, 'lost'),
    too_late: count(data, 'too_late'),
    ordered: count(data, 'ordered'),
    revoked: count(data, 'revoked'),
    unordered: count(data, 'unordered'),
    unanswered: count(data, 'unanswered'),
    verdict_changed: count(data, 'verdict_changed'),
    reconnects: count(data, 'reconnects'),
    finished: count(data, 'finished'),
    tap_to_verdict_ms: percentiles(data, 'tap_to_verdict_ms'),
    won_to_ordered_ms: percentiles(data, 'won_to_ordered_ms'),
  };
  const text = `${JSON.stringify(report)}\n`;
  return __ENV.OUT ? { [__ENV.OUT]: text } : { stdout: text };
}
