// A signed-in client at work: the API, the clock, one session, and what of them a screen may watch.

import { Api, ServerClock, Session, formatter, say, type Chain, type Key, type Me, type Out, type Params, type Provider, type SessionState, type StopReason, type User } from '@graborder/core';
import { computed, ref, shallowRef } from 'vue';
import { httpFetch, mintId, storage, timers, transport } from './browser';
import { lang } from './prefs';

export interface LiveParts {
  client: string;
  version: string;
  /** How often screens look at the clock. */
  tick_ms: number;
  onFrame: (frame: Out) => void;
  onReady: () => void;
  onSnapshot: () => void;
}

const CHAIN_UNKNOWN: Chain = { name: '', currency: 'CNY', time_zone: 'Asia/Shanghai', labelled_demo: false };

export function createLive({ client, version, tick_ms, onFrame, onReady, onSnapshot }: LiveParts) {
  const user = shallowRef<User | null>(null);
  /** Signed in with a password that somebody else gave: a page of its own asks for another. */
  const must_change = ref(false);
  /** Why the server signed this device out, where it said more than that. */
  const sent_away = ref('');
  const chain = shallowRef<Chain>(CHAIN_UNKNOWN);
  const state = ref<SessionState>('idle');
  const stopped = ref<StopReason | null>(null);
  const now_ms = ref(Date.now());
  const rtt_ms = ref<number | null>(null);

  const api = new Api({
    fetch: httpFetch, storage, key: `graborder.${client}.tokens`, lang: () => lang.value, mintId,
    onSignedOut: (why) => { sent_away.value = why ?? ''; leave('sign_in'); },
  });
  const clock = new ServerClock(timers.mono, Date.now);
  let session: Session | null = null;
  let renewal: (() => void) | null = null;

  function begin(): void {
    must_change.value = api.must_change_password;
    user.value = must_change.value ? null : api.user;
    if (!user.value) return;
    void learn();
    session = new Session({
      transport, timers, clock, random: Math.random, client, version, of_a_store: user.value.store != null,
      ticket: () => api.ticket(), onFrame, onSnapshot,
      onState: (next, reason) => {
        state.value = next;
        stopped.value = reason ?? null;
        if (next === 'ready') { renewLater(); onReady(); }
        if (next === 'stopped' && reason === 'sign_in') leave('sign_in');
      },
    });
    session.start();
  }

  /** Who we are to the chain; also the first look at the server's clock. */
  async function learn(): Promise<void> {
    const t0 = timers.mono();
    try {
      const me: Me = await api.me();
      clock.sample({ t0, t1: me.server_time_ms, t2: me.server_time_ms, t3: timers.mono() });
      chain.value = me.chain;
    } catch (error) {
      if (!user.value) return; // Signed out meanwhile.
      console.warn('who we are could not be read; trying again', error);
      timers.after(3_000, () => { if (user.value) void learn(); });
    }
  }

  function renewLater(): void {
    renewal?.();
    renewal = timers.after(api.expires_in_ms * 0.7, () => {
      session?.renew().catch((error: unknown) => console.warn('the session could not be renewed yet', error));
      renewLater();
    });
  }

  function leave(reason: StopReason): void {
    renewal?.();
    session?.stop(reason);
    session = null;
    user.value = null;
    must_change.value = false;
  }

  async function signIn(login: string, password: string): Promise<void> {
    await api.login(login, password);
    sent_away.value = '';
    begin();
  }

  /** With a code of WeChat or WeCom. */
  async function signInBy(way: Provider, code: string): Promise<void> {
    await api.signInBy(way, code);
    sent_away.value = '';
    begin();
  }

  /** With another password, or for another store: what was known goes, and a new session comes. */
  async function anew(change: () => Promise<void>): Promise<void> {
    await change();
    renewal?.();
    session?.stop('signed_out');
    session = null;
    user.value = null;
    begin();
  }

  async function signOut(): Promise<void> {
    leave('signed_out');
    await api.logout();
  }

  window.setInterval(() => {
    now_ms.value = clock.now();
    rtt_ms.value = clock.rtt_ms;
  }, tick_ms);
  document.addEventListener('visibilitychange', () => (document.hidden ? session?.background() : session?.foreground()));
  window.addEventListener('online', () => session?.nudge());

  const fmt = computed(() => formatter(lang.value, chain.value.time_zone));
  const t = <K extends Key>(key: K, ...params: Params<K>) => say(lang.value, key, ...params);

  return {
    api, clock, user, must_change, sent_away, chain, state, stopped, now_ms, rtt_ms, fmt, t,
    begin, signIn, signInBy, signOut, anew,
    session: () => session,
    online: computed(() => state.value === 'ready'),
    resume: () => session?.start(),
  };
}

export type Live = ReturnType<typeof createLive>;
