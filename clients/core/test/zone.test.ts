import { expect, test } from 'vitest';
import { atWallTime, wallTime } from '../src';

test('wall time of the chain, there and back, whatever the machine thinks', () => {
  for (const zone of ['Asia/Shanghai', 'America/Chicago', 'UTC', 'Asia/Kolkata']) {
    for (const at of ['2026-11-27T02:00:00Z', '2026-07-01T23:59:00Z', '2027-01-01T00:00:00Z']) {
      expect(atWallTime(wallTime(Date.parse(at), zone), zone), `${at} ${zone}`).toBe(Date.parse(at));
    }
  }
  expect(wallTime(Date.parse('2026-11-27T16:30:00Z'), 'Asia/Shanghai')).toBe('2026-11-28 00:30');
});

test('next to a change of the clocks: the hour that is skipped is the moment after, the hour that comes twice is one of the two', () => {
  const zone = 'America/Chicago';
  expect(wallTime(atWallTime('2026-03-08 02:30', zone)!, zone)).toBe('2026-03-08 03:30');
  expect(wallTime(atWallTime('2026-03-08 03:30', zone)!, zone)).toBe('2026-03-08 03:30');
  expect(wallTime(atWallTime('2026-11-01 01:30', zone)!, zone)).toBe('2026-11-01 01:30');
});

test('what is no time is none', () => {
  for (const odd of ['', 'tomorrow', '2026-11-27', '27.11.2026 10:00']) expect(atWallTime(odd, 'UTC')).toBeNull();
});
