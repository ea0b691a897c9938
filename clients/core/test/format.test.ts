import { expect, test } from 'vitest';
import { formatter } from '../src';

const zh = formatter('zh', 'Asia/Shanghai');
const en = formatter('en', 'Asia/Shanghai');
const plain = (text: string) => text.replace(/\u00a0/g, ' ');
// 2026-11-27, a Friday, 10:00:04.106 in Shanghai.
const FRIDAY_MS = Date.UTC(2026, 10, 27, 2, 0, 4, 106);
const HOUR_MS = 3_600_000;

test('quantities stand in cases where they come out whole, else in bottles', () => {
  expect(plain(zh.qty(24, 12))).toBe('2 箱');
  expect(plain(zh.qty(25, 12))).toBe('25 瓶');
  expect(plain(zh.qty(6))).toBe('6 瓶');
  expect(plain(en.qty(12, 12))).toBe('1 case');
  expect(plain(en.qty(24, 12))).toBe('2 cases');
  expect(plain(zh.both(4, 36))).toBe('4 箱，36 瓶');
  expect(plain(en.both(1, 12))).toBe('1 case, 12 bottles');
});

test('a number and its unit never break apart', () => {
  expect(zh.qty(24, 12)).toBe('2\u00a0箱');
  expect(zh.latency(38)).not.toContain(' ');
});

test('money has two decimals and comma groups', () => {
  expect(zh.money(88_878)).toBe('¥888.78');
  expect(zh.money(123_456_789)).toBe('¥1,234,567.89');
  expect(zh.money(5)).toBe('¥0.05');
  expect(zh.money(-8_626)).toBe('−¥86.26');
  expect(zh.number(1_234)).toBe('1,234');
});

test('the countdown rounds up and never shows zero while time is left', () => {
  expect(zh.countdown(582_000, 0, 0)).toBe('09:42');
  expect(zh.countdown(581_001, 0, 0)).toBe('09:42');
  expect(zh.countdown(1, 0, 0)).toBe('00:01');
  expect(zh.countdown(HOUR_MS + 129_000, 0, 0)).toBe('1:02:09');
  expect(zh.countdown(HOUR_MS, 0, 0)).toBe('1:00:00');
});

test('from a day on it names the day', () => {
  expect(zh.countdown(25 * HOUR_MS, FRIDAY_MS, FRIDAY_MS - 25 * HOUR_MS)).toBe('明天 10:00');
  expect(zh.countdown(72 * HOUR_MS, FRIDAY_MS, FRIDAY_MS - 72 * HOUR_MS)).toBe('周五 10:00');
  expect(en.countdown(72 * HOUR_MS, FRIDAY_MS, FRIDAY_MS - 72 * HOUR_MS)).toBe('Fri 10:00');
});

test('times are the chain’s, to the millisecond where somebody might argue', () => {
  expect(zh.time(FRIDAY_MS)).toBe('10:00');
  expect(zh.timeMs(FRIDAY_MS)).toBe('10:00:04.106');
  expect(zh.clock(FRIDAY_MS)).toBe('10:00:04');
  expect(formatter('zh', 'America/Chicago').time(FRIDAY_MS)).toBe('20:00');
});

test('days are today and yesterday, then weekdays, then dates', () => {
  expect(zh.when(FRIDAY_MS, FRIDAY_MS)).toBe('今天 10:00');
  expect(zh.when(FRIDAY_MS, FRIDAY_MS + 20 * HOUR_MS)).toBe('昨天 10:00');
  expect(en.when(FRIDAY_MS, FRIDAY_MS)).toBe('today 10:00');
  expect(en.day(FRIDAY_MS, FRIDAY_MS)).toBe('Today');
  expect(plain(zh.when(FRIDAY_MS, FRIDAY_MS + 200 * HOUR_MS))).toBe('11 月 27 日 10:00');
  expect(plain(zh.date('2026-11-28'))).toBe('周六 11 月 28 日');
  expect(plain(en.date('2026-11-28'))).toBe('Sat 28 Nov');
});

test('latency is in milliseconds below a second; gaps keep theirs', () => {
  expect(plain(zh.latency(37.6))).toBe('38 ms');
  expect(plain(zh.latency(1_240))).toBe('1.2 秒');
  expect(plain(zh.gap(888))).toBe('0.888 秒');
  expect(zh.percent(1, 3)).toBe('33%');
  expect(zh.percent(0, 0)).toBe('0%');
});
