// The desk by keyboard: `/` to the search, `g` and a letter to a page, `?` to the list of them. Never while somebody types.

import { go } from '@graborder/look';
import { onMounted, onUnmounted, ref } from 'vue';
import { pagesHere } from '../pages';

const TOGETHER_MS = 1_500;
export const help_open = ref(false);

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function search(): HTMLElement | null {
  return document.querySelector<HTMLElement>('main [data-search] input, main input[data-search], main input[type=search]');
}

export function useKeys(): void {
  let g_at_ms = -Infinity;
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === 'Escape' && event.target instanceof HTMLInputElement) event.target.blur();
    if (typing(event.target) || document.querySelector('[aria-modal=true]')) return;
    const now_ms = performance.now();
    const page = now_ms - g_at_ms < TOGETHER_MS ? pagesHere().find(({ key }) => key === event.key) : undefined;
    g_at_ms = event.key === 'g' ? now_ms : -Infinity;
    if (page) {
      event.preventDefault();
      go(`/${page.page}`);
    } else if (event.key === '/') {
      const field = search();
      if (field) { event.preventDefault(); field.focus(); }
    } else if (event.key === '?') {
      help_open.value = true;
    }
  };
  onMounted(() => document.addEventListener('keydown', onKey));
  onUnmounted(() => document.removeEventListener('keydown', onKey));
}
