// A reason in words: title, sentence, the numbers as rows, and what can still be done instead.

import type { RoundDetail, RoundLine } from './bodies';
import type { Formatter } from './format';
import type { LineVerdict, Reason } from './frames';
import type { ClaimEntry } from './ledger';
import { bar, step, suggest, type Basket } from './round';
import { say } from './texts';

export interface Row { label: string; value: string; hot?: boolean }
/** `brief` is the sentence where a row of a list has to hold it. */
export interface ReasonWords { code: string; title: string; sentence: string; brief: string; rows: Row[] }

/** `line` is the one concerned, when there is one: it knows the pack and the name. */
export interface ReasonContext { fmt: Formatter; line?: RoundLine }

export function reasonWords(reason: Reason, { fmt, line }: ReasonContext): ReasonWords {
  const { lang } = fmt;
  const pack = line?.pack;
  const qty = (units: number) => fmt.qty(units, pack);
  const row = (label: Parameters<typeof say>[1], value: string, hot = false): Row => ({ label: say(lang, label as 'row_cap'), value, hot });
  const words = (title: string, sentence: string, rows: Row[] = [], brief = sentence): ReasonWords => ({ code: reason.code, title, sentence, brief, rows });
  switch (reason.code) {
    case 'E01': {
      const { opens_at_ms, closes_at_ms, recv_at_ms } = reason.numbers;
      const recv = fmt.timeMs(recv_at_ms);
      if (recv_at_ms >= closes_at_ms) {
        const closes = fmt.timeMs(closes_at_ms);
        return words(say(lang, 'E01_over_title'), say(lang, 'E01_over', { closes, recv }), [row('row_closes', closes), row('row_recv', recv)]);
      }
      const opens = fmt.timeMs(opens_at_ms);
      return words(say(lang, 'E01_title'), say(lang, 'E01', { opens, recv }), [row('row_opens', opens), row('row_recv', recv)]);
    }
    case 'E02': return words(say(lang, 'E02_title'), say(lang, 'E02'));
    case 'E03': {
      const time = fmt.clock(reason.numbers.opens_at_ms);
      return words(say(lang, 'E03_title'), say(lang, 'E03', { time }), [row('row_opens', time), row('row_recv', fmt.timeMs(reason.numbers.recv_at_ms))]);
    }
    case 'E04': return words(say(lang, 'E04_title'), say(lang, 'E04'));
    case 'E05': {
      const date = fmt.when(reason.numbers.until_ms, 0);
      return words(say(lang, 'E05_title'), say(lang, 'E05', { date }), [row('row_until', date)]);
    }
    case 'E06': return words(say(lang, 'E06_title'), say(lang, 'E06', { sku: line?.sku.name ?? '' }).trim());
    case 'E07': {
      const [net, gate] = [fmt.count(reason.numbers.net, 'unit'), fmt.count(reason.numbers.gate, 'unit')];
      return words(say(lang, 'E07_title'), say(lang, 'E07', { net, gate }), [row('row_net', net), row('row_gate', gate)]);
    }
    case 'E08': {
      const { asked, fix } = reason.numbers;
      const [p, q, f] = [fmt.count(reason.numbers.pack, 'unit'), fmt.count(asked, 'unit'), fmt.count(fix, 'unit')];
      return words(say(lang, 'E08_title'), say(lang, 'E08', { pack: p, asked: q, fix: f }), [row('row_pack', p), row('row_asked', q)]);
    }
    case 'E09': {
      const [min, asked] = [qty(reason.numbers.min), qty(reason.numbers.asked)];
      return words(say(lang, 'E09_title'), say(lang, 'E09', { min, asked }), [row('row_min', min), row('row_asked', asked)]);
    }
    case 'E10': {
      const [cap, left] = [qty(reason.numbers.cap), qty(reason.numbers.left)];
      return words(say(lang, 'E10_title'), say(lang, 'E10', { cap, left }), [row('row_cap', cap), row('row_left', left, true)]);
    }
    case 'E11': {
      const [cap, taken, left] = [qty(reason.numbers.cap), qty(reason.numbers.taken), qty(reason.numbers.left)];
      return words(say(lang, 'E11_title'), say(lang, 'E11', { cap, taken, left }), [row('row_cap', cap), row('row_taken', taken), row('row_left', left, true)]);
    }
    case 'E12': {
      const [cap, taken, left] = [qty(reason.numbers.cap), qty(reason.numbers.taken), qty(reason.numbers.left)];
      const day = reason.numbers.span === 'day';
      const span = say(lang, day ? 'today' : 'this_period');
      const again = say(lang, day ? 'tomorrow' : 'next_period');
      return words(say(lang, 'E12_title', { span }), say(lang, 'E12', { span, cap, taken, left, again }),
        [row('row_cap', cap), row('row_taken', taken), row('row_left', left, true)]);
    }
    case 'E13': {
      const [short, have, need] = [fmt.money(reason.numbers.short_cents), fmt.money(reason.numbers.left_cents), fmt.money(reason.numbers.need_cents)];
      return words(say(lang, 'E13_title'), say(lang, 'E13', { short, have, need }), [row('row_have', have), row('row_need', need), row('row_short', short, true)]);
    }
    case 'E14': {
      const { sold_out_at_ms, recv_at_ms, left } = reason.numbers;
      const recv = fmt.timeMs(recv_at_ms);
      const offered = line ? [row('row_offered', qty(line.offered_units))] : [];
      // Nothing was sold out yet, or the stock went in this very call: then there is no gap to speak of.
      if (sold_out_at_ms === 0 || left > 0) {
        return words(say(lang, 'E14_left_title'), say(lang, 'E14_left', { recv, left: qty(left) }), [...offered, row('row_recv', recv), row('row_remaining', qty(left), true)]);
      }
      const [sold, gap] = [fmt.timeMs(sold_out_at_ms), fmt.gap(Math.max(0, recv_at_ms - sold_out_at_ms))];
      return words(say(lang, 'E14_title'), say(lang, 'E14', { sold, recv, gap }), [...offered, row('row_sold', sold), row('row_recv', recv), row('row_gap', gap, true)],
        say(lang, 'E14_brief', { gap }));
    }
    case 'E16': return words(say(lang, 'E16_title'), say(lang, 'E16', { s: fmt.count(Math.ceil(reason.numbers.retry_after_ms / 1_000), 'second') }));
    case 'E17': {
      const left = qty(reason.numbers.left);
      return words(say(lang, 'E17_title'), say(lang, 'E17', { date: say(lang, 'delivery_day'), left }), [row('row_cap', qty(reason.numbers.cap)), row('row_room', left, true)]);
    }
    case 'E20': return words(say(lang, 'E20_title'), say(lang, 'E20'));
    case 'overloaded': return words(say(lang, 'overloaded_title'), say(lang, 'overloaded'));
  }
}

export function reasonOfLine(line: LineVerdict): Reason | null {
  return line.code ? ({ code: line.code, numbers: line.numbers } as Reason) : null;
}

/** What the store could have instead: as much of the same as the reason leaves, else what else it needs here. */
export function instead(entry: ClaimEntry, round: RoundDetail): Basket {
  const basket: Basket = {};
  const shared = new Map<string, number>(); // Limits over the whole basket are spent once.
  for (const verdict of entry.verdict?.lines ?? []) {
    const line = round.lines.find((l) => l.line_id === verdict.line_id);
    const reason = reasonOfLine(verdict);
    if (!line || !reason || verdict.granted > 0 || bar(line)) continue;
    const room = roomLeft(reason, line);
    const over_lines = reason.code === 'E11' || reason.code === 'E12' || reason.code === 'E13' || reason.code === 'E17';
    const left = over_lines ? Math.min(room, shared.get(reason.code) ?? room) : room;
    const most = reason.code === 'E08' || reason.code === 'E09' ? left : Math.min(left, verdict.asked);
    const qty = Math.floor(Math.min(most, line.left_units) / line.pack) * line.pack;
    if (over_lines) shared.set(reason.code, left - qty);
    if (qty >= step(line)) basket[line.line_id] = qty;
  }
  if (Object.keys(basket).length > 0) return basket;
  // What bars the store as a whole bars the other lines too: nothing is offered that would be refused again.
  if (!(entry.verdict?.lines ?? []).every(({ code }) => !code || OF_ONE_LINE.has(code))) return {};
  const rest = suggest(round);
  return Object.fromEntries(Object.entries(rest).filter(([line_id, qty]) => qty > 0 && !entry.lines.some((l) => l.line_id === line_id)));
}

const OF_ONE_LINE = new Set<Reason['code']>(['E06', 'E07', 'E08', 'E09', 'E10', 'E14']);

function roomLeft(reason: Reason, line: RoundLine): number {
  switch (reason.code) {
    case 'E08': return reason.numbers.fix;
    case 'E09': return step(line);
    case 'E10': case 'E11': case 'E12': case 'E14': case 'E17': return reason.numbers.left;
    case 'E13': return line.price_cents > 0 ? Math.floor(reason.numbers.left_cents / line.price_cents) : 0;
    default: return 0;
  }
}
