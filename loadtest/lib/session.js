// One socket session of `graborder.v1`: opens, says hello, keeps the clock, hands every frame on, until it ends.
import ws from 'k6/ws';
import { socketUrl, ticket } from './http.js';

const PING_EVERY_MS = 20000;
const CLOCK_PINGS = 5;

/**
 * Runs one session on `base` until the socket closes or `handlers` close it. Blocks, as k6/ws does.
 *
 * `memory` outlives sessions: `{clock, storeSeq}`; `storeSeq` null means that there is nothing to resume.
 * `handlers.welcome(link)` once signed in, `handlers.frame(link, frame)` for every later frame.
 * `link`: `send(frame)`, `after(ms, what)`, `close()`.
 * Returns whether a welcome was heard.
 */
export function runSession(base, token, memory, handlers, deadlineMs) {
  const pass = ticket(base, token);
  if (pass === null) return false;

  let welcomed = false;
  ws.connect(socketUrl(base, pass), { headers: { 'Sec-WebSocket-Protocol': 'graborder.v1' } }, (socket) => {
    let open = true;
    const link = {
      send: (frame) => open && socket.send(JSON.stringify(frame)),
      // k6 refuses a timer of zero.
      after: (ms, what) => socket.setTimeout(() => open && what(), Math.max(1, ms)),
      close: () => {
        open = false;
        socket.close();
      },
    };
    const ping = () => link.send({ t: 'ping', t0: Date.now() });

    socket.on('open', () => {
      const hello = { t: 'hello', client: 'k6', version: '1' };
      if (memory.storeSeq !== null) hello.resume = { store_seq: memory.storeSeq };
      link.send(hello);
    });
    socket.on('message', (text) => {
      const frame = JSON.parse(text);
      // Store events are numbered; the last number heard is where the next session goes on.
      if (frame.t !== 'welcome' && frame.store_seq !== undefined) memory.storeSeq = frame.store_seq;
      switch (frame.t) {
        case 'welcome':
          welcomed = true;
          if (memory.storeSeq === null) memory.storeSeq = frame.store_seq;
          for (let i = 0; i < CLOCK_PINGS; i += 1) link.after(1 + i * 40, ping);
          socket.setInterval(ping, PING_EVERY_MS);
          handlers.welcome(link);
          break;
        case 'pong':
          memory.clock.add(frame, Date.now());
          break;
        default:
          handlers.frame(link, frame);
      }
    });
    socket.on('close', () => {
      open = false;
    });
    // A node that was killed ends its sockets with an error; the caller goes elsewhere.
    socket.on('error', () => {
      open = false;
    });
    // Nobody waits for ever, whatever the server does.
    socket.setTimeout(() => link.close(), Math.max(1, deadlineMs - Date.now()));
  });
  return welcomed;
}
