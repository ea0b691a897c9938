import { expect, test } from 'vitest';
import { WORDS, say, speaker } from '../src';
import { DESK } from '../src/desk';

const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();
const ALL = { ...WORDS, ...DESK };
const keys = Object.keys(ALL) as (keyof typeof ALL)[];
const speak = speaker(ALL);

test.each(keys)('%s has both languages with the same placeholders', (key) => {
  const { zh, en } = ALL[key];
  expect(zh).not.toBe('');
  expect(en).not.toBe('');
  expect([...new Set(names(en))]).toEqual([...new Set(names(zh))]);
  const filled = Object.fromEntries(names(zh).map((name) => [name, '7']));
  for (const lang of ['zh', 'en'] as const) expect(speak(lang, key, ...([filled] as never))).not.toMatch(/[{}]/);
});

test('Chinese uses full-width punctuation and no exclamation marks, in both languages nobody shouts', () => {
  for (const key of keys) {
    const { zh, en } = ALL[key];
    expect(zh + en).not.toMatch(/[!！]/);
    expect(zh.replace(/\{\w+\}/g, '')).not.toMatch(/[\u4e00-\u9fff][,;:?]|您/);
    expect(en).not.toMatch(/[\u4e00-\u9fff]/);
  }
});

test('a word that the desk shares with all clients says the same', () => {
  for (const [key, words] of Object.entries(WORDS)) expect((DESK as Record<string, unknown>)[key] ?? words, key).toEqual(words);
});

test('an unfilled placeholder is an error, not a hole in a sentence', () => {
  expect(() => say('zh', 'armed', {} as never)).toThrow('qty');
});
