// Language and appearance: kept on this device, Chinese and the system's own unless somebody chose otherwise.

import type { Lang } from '@graborder/core';
import { ref, watchEffect } from 'vue';
import { storage } from './browser';

export type Theme = 'auto' | 'light' | 'dark';

export const lang = ref<Lang>(storage.read('graborder.lang') === 'en' ? 'en' : 'zh');
export const theme = ref<Theme>(asTheme(storage.read('graborder.theme')));

function asTheme(text: string | null): Theme {
  return text === 'light' || text === 'dark' ? text : 'auto';
}

export function applyPrefs(): void {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const dark = ref(system.matches);
  // Safari before 14 knows only the older name.
  if (system.addEventListener) system.addEventListener('change', (event) => { dark.value = event.matches; });
  watchEffect(() => {
    const root = document.documentElement;
    root.lang = lang.value === 'zh' ? 'zh-CN' : 'en';
    root.dataset.theme = theme.value === 'auto' ? (dark.value ? 'dark' : 'light') : theme.value;
    storage.write('graborder.lang', lang.value);
    storage.write('graborder.theme', theme.value);
  });
}
