import { expect, test } from 'vitest';
import { WORDS, say, type Key } from '../src';

const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();
const keys = Object.keys(WORDS) as Key[];

test.each(keys)('%s has both languages with the same placeholders', (key) => {
  const { zh, en } = WORDS[key];
  expect(zh).not.toBe('');
  expect(en).not.toBe('');
  expect([...new Set(names(en))]).toEqual([...new Set(names(zh))]);
  const filled = Object.fromEntries(names(zh).map((name) => [name, '7']));
  for (const lang of ['zh', 'en'] as const) expect(say(lang, key, ...([filled] as never))).not.toMatch(/[{}]/);
});

test('Chinese uses full-width punctuation and no exclamation marks, in both languages nobody shouts', () => {
  for (const key of keys) {
    const { zh, en } = WORDS[key];
    expect(zh + en).not.toMatch(/[!！]/);
    expect(zh.replace(/\{\w+\}/g, '')).not.toMatch(/[\u4e00-\u9fff][,;:?]|您/);
    expect(en).not.toMatch(/[\u4e00-\u9fff]/);
  }
});

test('an unfilled placeholder is an error, not a hole in a sentence', () => {
  expect(() => say('zh', 'armed', {} as never)).toThrow('qty');
});
