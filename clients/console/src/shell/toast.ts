// What was just done, said once, with the way back where there is one.

import { shallowRef } from 'vue';
import { sentence } from '../server/client';
import { t } from '../words';

export interface Toast { text: string; undo?: () => Promise<unknown>; bad?: boolean }

const SHOWN_MS = 8_000;
export const toast = shallowRef<Toast | null>(null);
let timer = 0;

export function say(next: Toast): void {
  window.clearTimeout(timer);
  toast.value = next;
  timer = window.setTimeout(hush, SHOWN_MS);
}

export function hush(): void {
  toast.value = null;
}

export async function undo(): Promise<void> {
  const back = toast.value?.undo;
  hush();
  if (!back) return;
  try {
    await back();
    say({ text: t('undone') });
  } catch (error) {
    say({ text: sentence(error), bad: true });
  }
}
