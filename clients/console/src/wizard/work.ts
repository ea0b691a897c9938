// A draft under work: read, kept in this tab against a slip, saved against whoever else saves, published.

import { ApiError } from '@graborder/core';
import { computed, proxyRefs, reactive, ref, shallowRef, watch } from 'vue';
import { sentence } from '../server/client';
import * as server from '../server/rounds';
import { allStores, type Store } from '../server/stores';
import { live, minute_ms, readRounds } from '../state';
import { empty, faults, fromRound, invited, toRound, type Draft } from './draft';

export function useWork() {
  const zone = () => live.chain.value.time_zone;
  const draft = reactive<Draft>(empty(live.now_ms.value, zone()));
  const round_id = ref('');
  const etag = ref('');
  const code = ref('');
  const stores = shallowRef<Store[]>([]);
  const loaded = ref(false);
  const busy = ref(false);
  const wrong = ref('');
  /** Somebody else saved this draft since it was read. */
  const changed_elsewhere = ref(false);
  const saved_at_ms = ref<number | null>(null);
  const dirty = ref(false);
  let quiet = false;

  const keep = () => `graborder.draft.${round_id.value || 'new'}`;

  function take(next: Draft): void {
    quiet = true;
    Object.assign(draft, next);
    queueMicrotask(() => { quiet = false; });
  }

  async function open(id: string): Promise<void> {
    loaded.value = false;
    wrong.value = '';
    changed_elsewhere.value = false;
    round_id.value = id;
    etag.value = '';
    try {
      const [all, read] = await Promise.all([stores.value.length > 0 ? stores.value : allStores(), id ? server.read(id) : null]);
      stores.value = all;
      if (read) {
        etag.value = read.etag;
        code.value = read.value.code;
      }
      const kept = recall();
      dirty.value = kept !== null;
      if (kept) etag.value = kept.etag || etag.value;
      take(kept?.draft ?? (read ? fromRound(read.value, zone()) : empty(live.now_ms.value, zone())));
      loaded.value = true;
    } catch (error) {
      wrong.value = sentence(error);
    }
  }

  function recall(): { draft: Draft; etag: string } | null {
    try {
      const text = sessionStorage.getItem(keep());
      return text ? (JSON.parse(text) as { draft: Draft; etag: string }) : null;
    } catch (error) {
      console.warn('the draft kept in this tab could not be read back', error);
      return null;
    }
  }

  function forget(): void {
    sessionStorage.removeItem(keep());
    dirty.value = false;
  }

  watch(draft, () => {
    if (quiet || !loaded.value) return;
    dirty.value = true;
    try {
      sessionStorage.setItem(keep(), JSON.stringify({ draft, etag: etag.value }));
    } catch (error) {
      console.warn('the draft could not be kept in this tab', error);
    }
  }, { deep: true });

  const chosen = computed(() => invited(stores.value, draft.stores, minute_ms.value));
  const stores_invited = computed(() => draft.stores.kept ?? chosen.value.length);
  const missing = computed(() => faults(draft, stores_invited.value, minute_ms.value, zone()));

  /** True when the server has it. */
  async function save(over = false): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    wrong.value = '';
    try {
      const said = toRound(draft, stores.value, live.now_ms.value, zone());
      if (over) etag.value = (await server.read(round_id.value)).etag;
      const answer = round_id.value
        ? await server.edit(round_id.value, said, etag.value)
        : await server.draft({ ...said, stores: said.stores ?? 'all' });
      forget();
      round_id.value = answer.value.round_id;
      code.value = answer.value.code;
      etag.value = answer.etag;
      changed_elsewhere.value = false;
      saved_at_ms.value = live.now_ms.value;
      void readRounds();
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) changed_elsewhere.value = true;
      else wrong.value = sentence(error);
      return false;
    } finally {
      busy.value = false;
    }
  }

  async function theirs(): Promise<void> {
    forget();
    await open(round_id.value);
  }

  /** Where it stands afterwards: published, or waiting for a second person. */
  async function publish(): Promise<server.DeskState | null> {
    if ((dirty.value || !round_id.value) && !(await save())) return null;
    busy.value = true;
    try {
      const { state } = await live.api.publish(round_id.value);
      await readRounds();
      return state as server.DeskState;
    } catch (error) {
      wrong.value = sentence(error);
      return null;
    } finally {
      busy.value = false;
    }
  }

  return proxyRefs({ draft, round_id, code, stores, loaded, busy, wrong, changed_elsewhere, saved_at_ms, dirty, chosen, stores_invited, missing, open, save, theirs, publish });
}
export type Work = ReturnType<typeof useWork>;
