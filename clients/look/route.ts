// Pages by hash: `#/round/<id>?filter=…`. The server serves one document and needs no rule for the rest.

import { addressOf, parseAddress } from './address';
import { computed, ref } from 'vue';

const hash = ref(location.hash);
window.addEventListener('hashchange', () => { hash.value = location.hash; });

export const route = computed(() => parseAddress(hash.value));

export function go(path: string): void {
  location.hash = path;
}

/** Filters change the address, not the page: the way back skips them. */
export function setQuery(changes: Record<string, string>): void {
  const { page, id, query } = route.value;
  history.replaceState(null, '', addressOf({ page, id, query: { ...query, ...changes } }));
  hash.value = location.hash;
}
