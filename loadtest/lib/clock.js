// The server's clock as a client knows it: the offset of the quickest of the last five ping exchanges.

const KEPT = 5;

export class ServerClock {
  constructor() {
    this.samples = [];
  }

  /** `t0` sent and `t3` received by us, `t1` received and `t2` sent by the server. */
  add({ t0, t1, t2 }, t3) {
    this.samples.push({ roundTrip: t3 - t0 - (t2 - t1), offset: (t1 - t0 + (t2 - t3)) / 2 });
    if (this.samples.length > KEPT) this.samples.shift();
  }

  /** Local milliseconds until the server's clock shows `atMs`; 0 when it already does. */
  msUntil(atMs) {
    const best = this.samples.reduce((a, b) => (b.roundTrip < a.roundTrip ? b : a), { roundTrip: Infinity, offset: 0 });
    return Math.max(0, Math.ceil(atMs - (Date.now() + best.offset)));
  }
}
