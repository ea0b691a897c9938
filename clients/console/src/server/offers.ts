// What this server offers. A server older than this page lacks some doors; what leads to them is then not shown.

import { shallowRef } from 'vue';

const doors = shallowRef<ReadonlySet<string>>(new Set());
let reading: Promise<void> | null = null;

export function learnOffers(): Promise<void> {
  reading ??= fetch('/openapi.json', { credentials: 'omit' })
    .then((response) => response.json() as Promise<{ paths: Record<string, Record<string, unknown>> }>)
    .then(({ paths }) => {
      const all = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
      doors.value = new Set(all);
    })
    .catch((error: unknown) => {
      reading = null;
      console.warn('what the server offers could not be read', error);
    });
  return reading;
}

/** `POST /exports`, below `/api/v1`. */
export function offers(door: string): boolean {
  return doors.value.has(door.replace(' /', ' /api/v1/'));
}
