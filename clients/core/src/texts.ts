// Every word on every screen, in both languages, from one table. A placeholder left empty does not compile.

import type { Lang } from './format';
import { BOARD } from './words/board';
import { PEOPLE } from './words/people';
import { REASONS } from './words/reasons';
import { STORE } from './words/store';

export const WORDS = { ...STORE, ...REASONS, ...BOARD, ...PEOPLE } as const;

export type Key = keyof typeof WORDS;
type Names<S extends string> = S extends `${string}{${infer N}}${infer R}` ? N | Names<R> : never;
export type Params<K extends Key> = [Names<(typeof WORDS)[K]['zh']>] extends [never] ? [] : [Record<Names<(typeof WORDS)[K]['zh']>, string | number>];

export function say<K extends Key>(lang: Lang, key: K, ...params: Params<K>): string {
  const filled = params[0] as Record<string, string | number> | undefined;
  return WORDS[key][lang].replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = filled?.[name];
    if (value === undefined) throw new Error(`${key}: nothing given for {${name}}`);
    return String(value);
  });
}
