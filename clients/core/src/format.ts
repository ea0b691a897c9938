// Numbers and times as people read them. A number and its unit never break apart: a no-break space joins them.

export type Lang = 'zh' | 'en';

const NBSP = '\u00a0';
const DAY_MS = 86_400_000;

/** zh; en for one; en for more. */
const UNITS = {
  pack: ['箱', 'case', 'cases'],
  unit: ['瓶', 'bottle', 'bottles'],
  store: ['家', 'store', 'stores'],
  claim: ['次', 'claim', 'claims'],
  session: ['个', 'session', 'sessions'],
  order: ['单', 'order', 'orders'],
  line: ['种', 'item', 'items'],
  second: ['秒', 's', 's'],
  try: ['次', 'try', 'tries'],
} as const;
export type Unit = keyof typeof UNITS;

export interface Figure { value: string; unit: string }

export interface Formatter {
  lang: Lang;
  /** Between two things said in one breath. */
  dot: string;
  figure(n: number, unit: Unit): Figure;
  count(n: number, unit: Unit): string;
  /** In cases where it comes out whole, else in bottles. */
  qtyFigure(units: number, pack?: number): Figure;
  qty(units: number, pack?: number): string;
  /** `4 箱，36 瓶`. */
  both(packs: number, units: number): string;
  money(cents: number): string;
  number(n: number): string;
  percent(part: number, whole: number): string;
  latency(ms: number): string;
  /** Seconds of a dispute, to the millisecond. */
  gap(ms: number): string;
  countdown(left_ms: number, target_ms: number, now_ms: number): string;
  time(at_ms: number): string;
  clock(at_ms: number): string;
  timeMs(at_ms: number): string;
  /** `今天 10:00`, `周五 10:00`, `11月28日 10:00`. */
  when(at_ms: number, now_ms: number): string;
  day(at_ms: number, now_ms: number): string;
  /** A chain-local date as it stands on the wire, `2026-11-28`. */
  date(iso: string): string;
}

export function formatter(lang: Lang, time_zone: string): Formatter {
  const zh = lang === 'zh';
  const parts = zoned(time_zone);
  const figure = (n: number, unit: Unit): Figure => {
    const [cn, one, many] = UNITS[unit];
    return { value: group(n), unit: zh ? cn : n === 1 ? one : many };
  };
  const join = ({ value, unit }: Figure) => value + NBSP + unit;
  const qtyFigure = (units: number, pack?: number) =>
    pack && pack > 1 && units % pack === 0 ? figure(units / pack, 'pack') : figure(units, 'unit');
  const hm = (at_ms: number) => { const p = parts(at_ms); return `${p.hour}:${p.minute}`; };
  const hms = (at_ms: number) => `${hm(at_ms)}:${parts(at_ms).second}`;
  const dayMonth = (at_ms: number, weekday: boolean) => {
    const p = parts(at_ms);
    const wd = zh ? WEEKDAYS_ZH[p.weekday]! : WEEKDAYS_EN[p.weekday]!;
    const date = zh ? `${p.month}${NBSP}月${NBSP}${p.day}${NBSP}日` : `${p.day}${NBSP}${MONTHS_EN[p.month - 1]}`;
    return weekday ? `${wd} ${date}` : date;
  };
  const day = (at_ms: number, now_ms: number) => {
    const days = parts(at_ms).days - parts(now_ms).days;
    if (days === 0) return zh ? '今天' : 'Today';
    if (days === 1) return zh ? '明天' : 'Tomorrow';
    if (days === -1) return zh ? '昨天' : 'Yesterday';
    if (Math.abs(days) < 7) return (zh ? WEEKDAYS_ZH : WEEKDAYS_EN)[parts(at_ms).weekday]!;
    return dayMonth(at_ms, false);
  };
  // It stands inside sentences, where English writes "today" small and "Friday" not.
  const when = (at_ms: number, now_ms: number) => `${day(at_ms, now_ms).replace(/^To|^Ye/, (start) => start.toLowerCase())} ${hm(at_ms)}`;
  return {
    lang, figure, qtyFigure, day, when,
    dot: zh ? '·' : ', ',
    count: (n, unit) => join(figure(n, unit)),
    qty: (units, pack) => join(qtyFigure(units, pack)),
    both: (packs, units) => join(figure(packs, 'pack')) + (zh ? '，' : ', ') + join(figure(units, 'unit')),
    money: (cents) => {
      const abs = Math.abs(cents);
      return `${cents < 0 ? '−' : ''}¥${group(Math.floor(abs / 100))}.${String(abs % 100).padStart(2, '0')}`;
    },
    number: group,
    percent: (part, whole) => `${whole > 0 ? Math.round((100 * part) / whole) : 0}%`,
    latency: (ms) => (ms < 1_000 ? `${Math.round(ms)}${NBSP}ms` : `${(ms / 1_000).toFixed(1)}${NBSP}${zh ? '秒' : 's'}`),
    gap: (ms) => `${(ms / 1_000).toFixed(3)}${NBSP}${zh ? '秒' : 's'}`,
    countdown: (left_ms, target_ms, now_ms) => {
      if (left_ms >= DAY_MS) return when(target_ms, now_ms);
      const s = Math.max(0, Math.ceil(left_ms / 1_000));
      const two = (n: number) => String(n).padStart(2, '0');
      const [h, m] = [Math.floor(s / 3_600), Math.floor((s % 3_600) / 60)];
      return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${two(m)}:${two(s % 60)}`;
    },
    time: hm,
    clock: hms,
    timeMs: (at_ms) => `${hms(at_ms)}.${String(Math.floor(at_ms) % 1_000).padStart(3, '0')}`,
    date: (iso) => {
      const [y, m, d] = iso.split('-').map(Number);
      return dayMonthOf(lang, y!, m!, d!);
    },
  };
}

const WEEKDAYS_ZH = ['周日', '周一', '周二', '周三', '周四', '周五', '周六'];
const WEEKDAYS_EN = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS_EN = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function dayMonthOf(lang: Lang, y: number, m: number, d: number): string {
  const weekday = new Date(Date.UTC(y, m - 1, d)).getUTCDay();
  return lang === 'zh'
    ? `${WEEKDAYS_ZH[weekday]} ${m}${NBSP}月${NBSP}${d}${NBSP}日`
    : `${WEEKDAYS_EN[weekday]} ${d}${NBSP}${MONTHS_EN[m - 1]}`;
}

function group(n: number): string {
  const sign = n < 0 ? '−' : '';
  return sign + String(Math.abs(n)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Calendar parts in the chain's time zone, whatever the phone's. */
function zoned(time_zone: string) {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: time_zone, hourCycle: 'h23',
    year: 'numeric', month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit',
  });
  return (at_ms: number) => {
    const get: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(at_ms)) get[type] = value;
    const [year, month, day] = [Number(get.year), Number(get.month), Number(get.day)];
    const midnight_ms = Date.UTC(year, month - 1, day);
    return {
      month, day,
      hour: get.hour!.padStart(2, '0'), minute: get.minute!.padStart(2, '0'), second: get.second!.padStart(2, '0'),
      weekday: new Date(midnight_ms).getUTCDay(),
      days: midnight_ms / DAY_MS,
    };
  };
}
