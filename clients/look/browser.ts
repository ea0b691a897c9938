// What the core asks of a platform, as a browser has it.

import { uuid, type Fetch, type Socket, type SocketEvents, type Storage, type Timers, type Transport } from '@graborder/core';

const HTTP_MS = 8_000;

export const timers: Timers = {
  mono: () => performance.now(),
  after: (ms, run) => {
    const id = window.setTimeout(run, ms);
    return () => window.clearTimeout(id);
  },
};

export const transport: Transport = {
  connect(ticket: string, protocol: string, events: SocketEvents): Socket {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/ws?ticket=${encodeURIComponent(ticket)}`, [protocol]);
    socket.onopen = () => events.open();
    socket.onmessage = ({ data }) => { if (typeof data === 'string') events.message(data); };
    socket.onclose = ({ code }) => events.closed(code);
    return {
      send: (text) => { if (socket.readyState === WebSocket.OPEN) socket.send(text); },
      close: (code) => socket.close(code),
    };
  },
};

/** Private windows may refuse storage; then this visit's memory has to do. */
export const storage: Storage = (() => {
  const memory = new Map<string, string>();
  return {
    read: (key) => {
      try {
        return localStorage.getItem(key) ?? memory.get(key) ?? null;
      } catch {
        return memory.get(key) ?? null;
      }
    },
    write: (key, value) => {
      memory.set(key, value);
      try {
        localStorage.setItem(key, value);
      } catch (error) {
        console.warn('storage refused a write; it is kept in memory only', error);
      }
    },
  };
})();

export const httpFetch: Fetch = async (path, init) => {
  const stop = new AbortController();
  const timer = window.setTimeout(() => stop.abort(), HTTP_MS);
  try {
    const response = await fetch(path, { ...init, signal: stop.signal, credentials: 'omit' });
    return { status: response.status, header: (name) => response.headers.get(name), text: await response.text() };
  } finally {
    window.clearTimeout(timer);
  }
};

export const mintId = () => uuid(crypto.getRandomValues(new Uint8Array(16)));

export function buzz(ms: number): void {
  // Only felt after the first touch of the page, and on phones that can.
  if ('vibrate' in navigator) navigator.vibrate(ms);
}

