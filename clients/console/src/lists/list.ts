// A list read page by page. The newest question wins; what was there stays until its answer comes.

import type { Page } from '@graborder/core';
import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { sentence } from '../server/client';

export interface List<T> {
  items: ShallowRef<T[]>;
  /** Nothing was read yet. */
  first: Ref<boolean>;
  reading: Ref<boolean>;
  wrong: Ref<string>;
  /** There is more than what is here. */
  more: Ref<boolean>;
  again: () => Promise<void>;
  next: () => Promise<void>;
}

export function useList<Q, T>(question: () => Q, read: (question: Q, cursor: string) => Promise<Page<T>>): List<T> {
  const items = shallowRef<T[]>([]);
  const first = ref(true);
  const reading = ref(false);
  const wrong = ref('');
  const more = ref(false);
  let cursor = '';
  let turn = 0;

  async function load(from: string): Promise<void> {
    turn += 1;
    const mine = turn;
    reading.value = true;
    try {
      const page = await read(question(), from);
      if (mine !== turn) return;
      items.value = from ? [...items.value, ...page.items] : page.items;
      cursor = page.next_cursor ?? '';
      more.value = cursor !== '';
      wrong.value = '';
      first.value = false;
    } catch (error) {
      if (mine !== turn) return;
      wrong.value = sentence(error);
    }
    reading.value = false;
  }

  const again = () => load('');
  const next = async () => { if (more.value && !reading.value && !wrong.value) await load(cursor); };
  watch(question, (now, before) => { if (JSON.stringify(now) !== JSON.stringify(before)) void again(); }, { immediate: true });
  return { items, first, reading, wrong, more, again, next };
}
