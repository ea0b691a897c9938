// A way to the server that can be cut and mended: a relay on a port of its own, for one client.

import { connect, createServer } from 'node:net';

export async function startLink(base_url) {
  const { hostname, port } = new URL(base_url);
  const open = new Set();
  let up = true;
  const relay = createServer((near) => {
    if (!up) return near.destroy();
    const far = connect(Number(port), hostname);
    for (const [a, b] of [[near, far], [far, near]]) {
      open.add(a);
      a.pipe(b);
      a.on('error', () => b.destroy());
      a.on('close', () => { open.delete(a); b.destroy(); });
    }
    return undefined;
  });
  await new Promise((done) => relay.listen(0, '127.0.0.1', done));
  return {
    base_url: `http://127.0.0.1:${relay.address().port}`,
    cut() {
      up = false;
      for (const socket of open) socket.destroy();
    },
    mend() { up = true; },
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((done) => relay.close(done));
    },
  };
}
