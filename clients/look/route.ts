// Pages by hash: `#/round/<id>`. The server serves one document and needs no rule for the rest.

import { computed, ref } from 'vue';

const hash = ref(location.hash);
window.addEventListener('hashchange', () => { hash.value = location.hash; });

export const route = computed(() => {
  const [, page = '', id = ''] = hash.value.split('/');
  return { page, id };
});

export function go(path: string): void {
  location.hash = path;
}
