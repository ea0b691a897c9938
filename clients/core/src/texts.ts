// Every word on every screen, in both languages, from one table. A placeholder left empty does not compile.

import type { Lang } from './format';
import { BOARD } from './words/board';
import { PEOPLE } from './words/people';
import { REASONS } from './words/reasons';
import { STORE } from './words/store';

export const WORDS = { ...STORE, ...REASONS, ...BOARD, ...PEOPLE } as const;

export type Table = Record<string, Record<Lang, string>>;
export type KeyOf<W extends Table> = keyof W & string;
type Names<S extends string> = S extends `${string}{${infer N}}${infer R}` ? N | Names<R> : never;
export type ParamsOf<W extends Table, K extends KeyOf<W>> = [Names<W[K]['zh']>] extends [never] ? [] : [Record<Names<W[K]['zh']>, string | number>];

export type Key = KeyOf<typeof WORDS>;
export type Params<K extends Key> = ParamsOf<typeof WORDS, K>;

/** Says the words of one table: a client with words of its own has a table of its own. */
export function speaker<W extends Table>(words: W) {
  return <K extends KeyOf<W>>(lang: Lang, key: K, ...params: ParamsOf<W, K>): string => {
    const filled = params[0] as Record<string, string | number> | undefined;
    return words[key]![lang].replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = filled?.[name];
      if (value === undefined) throw new Error(`${key}: nothing given for {${name}}`);
      return String(value);
    });
  };
}

export const say = speaker(WORDS);
