// The words of the desk, in the language chosen: those that all clients share, and its own.

import { WORDS, speaker, type KeyOf, type ParamsOf } from '@graborder/core';
import { DESK } from '@graborder/core/desk';
import { lang } from '@graborder/look';

const ALL = { ...WORDS, ...DESK };
const speak = speaker(ALL);

export type Word = KeyOf<typeof ALL>;
/** Those with no hole in them. */
export type PlainWord = { [K in Word]: ParamsOf<typeof ALL, K> extends [] ? K : never }[Word];
export const t = <K extends Word>(key: K, ...params: ParamsOf<typeof ALL, K>): string => speak(lang.value, key, ...params);

/** Words named by what the server says, as states are; what has no word yet is shown as it came. */
export function known(key: string, otherwise: string): string {
  return key in ALL ? speak(lang.value, key as 'retry') : otherwise;
}
