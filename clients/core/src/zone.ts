// Wall time of the chain, whatever the time zone of the machine: `2026-11-27 10:00` is what people type and read.

/** `YYYY-MM-DD HH:mm` in the zone. */
export function wallTime(at_ms: number, time_zone: string): string {
  const part: Record<string, string> = {};
  for (const { type, value } of formatIn(time_zone).formatToParts(at_ms)) part[type] = value;
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}`;
}

/** When the clocks of the zone show it; in the hour that a clock change skips, the moment after it. Not a time: null. */
export function atWallTime(wall: string, time_zone: string): number | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})/.exec(wall);
  if (!found) return null;
  const [y, m, d, hour, minute] = found.slice(1).map(Number) as [number, number, number, number, number];
  const as_utc_ms = Date.UTC(y, m - 1, d, hour, minute);
  if (!Number.isFinite(as_utc_ms)) return null;
  // What the zone is ahead of UTC depends on the moment sought: the second look settles it next to a clock change.
  const first_ms = as_utc_ms - aheadMs(as_utc_ms, time_zone);
  const at_ms = as_utc_ms - aheadMs(first_ms, time_zone);
  return wallTime(at_ms, time_zone) === wall.slice(0, 16).replace('T', ' ') ? at_ms : Math.max(first_ms, at_ms);
}

function aheadMs(at_ms: number, time_zone: string): number {
  const [date, time] = wallTime(at_ms, time_zone).split(' ');
  return Date.parse(`${date}T${time}:00Z`) - Math.floor(at_ms / 60_000) * 60_000;
}

function formatIn(time_zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone: time_zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
  });
}
