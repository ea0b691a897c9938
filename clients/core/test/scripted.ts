// Time, chance, storage and sockets that a test writes the script of.

import type { Socket, SocketEvents, Storage, Timers, Transport } from '../src';

export class ScriptedTime implements Timers {
  now_ms = 1_000;
  private jobs: { at_ms: number; run: () => void; n: number }[] = [];
  private n = 0;

  mono(): number {
    return this.now_ms;
  }

  after(ms: number, run: () => void): () => void {
    const job = { at_ms: this.now_ms + ms, run, n: this.n++ };
    this.jobs.push(job);
    return () => { this.jobs = this.jobs.filter((other) => other !== job); };
  }

  /** Runs whatever falls due, in order, and lets promises settle after each. */
  async pass(ms: number): Promise<void> {
    const end_ms = this.now_ms + ms;
    await settle();
    for (;;) {
      const [next] = this.jobs.filter((job) => job.at_ms <= end_ms).sort((a, b) => a.at_ms - b.at_ms || a.n - b.n);
      if (!next) break;
      this.jobs = this.jobs.filter((job) => job !== next);
      this.now_ms = next.at_ms;
      next.run();
      await settle();
    }
    this.now_ms = end_ms;
  }
}

export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}

export class ScriptedSocket implements Socket {
  sent: Record<string, unknown>[] = [];
  closedWith: number | undefined;
  constructor(readonly ticket: string, readonly events: SocketEvents) {}
  send(text: string): void { this.sent.push(JSON.parse(text) as Record<string, unknown>); }
  close(code?: number): void { this.closedWith = code; }
  says(frame: Record<string, unknown>): void { this.events.message(JSON.stringify(frame)); }
  of(t: string): Record<string, unknown>[] { return this.sent.filter((frame) => frame.t === t); }
}

export class ScriptedNetwork implements Transport {
  sockets: ScriptedSocket[] = [];
  connect(ticket: string, _protocol: string, events: SocketEvents): Socket {
    const socket = new ScriptedSocket(ticket, events);
    this.sockets.push(socket);
    return socket;
  }
  get last(): ScriptedSocket { return this.sockets[this.sockets.length - 1]!; }
}

export class Memory implements Storage {
  kept = new Map<string, string>();
  read(key: string): string | null { return this.kept.get(key) ?? null; }
  write(key: string, value: string): void { this.kept.set(key, value); }
}
