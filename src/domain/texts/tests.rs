use super::{fill::MISSING, *};
use std::collections::BTreeSet;

const BOTH: [Lang; 2] = [Lang::Zh, Lang::En];

/// 2026-11-22 10:00:00 in Shanghai.
const TEN_MS: i64 = 1_795_312_800_000;

fn bare() -> Context<'static> {
    Context::of_chain(chrono_tz::Asia::Shanghai)
}

/// A line of cases of twelve, delivered the next day.
fn of_a_line() -> Context<'static> {
    Context { pack: Some(12), sku: Some("TITOS 750 ml"), dock_day: NaiveDate::from_ymd_opt(2026, 11, 23), ..bare() }
}

/// No-break spaces are for the eye; the tests read better without them.
fn said(reason: &Reason, lang: Lang) -> String {
    super::reason(reason, lang, &of_a_line()).replace('\u{a0}', " ")
}

/// Each reason in each of its cases.
fn every_reason() -> Vec<Reason> {
    let recv_at_ms = TEN_MS + 4_106;
    let not_open = |opens_at_ms, closes_at_ms| Reason::NotOpen { opens_at_ms, closes_at_ms, recv_at_ms };
    let span = |span| Reason::SpanCap { cap: 48, taken: 36, left: 12, span };
    vec![
        not_open(TEN_MS + 60_000, TEN_MS + 600_000),
        not_open(TEN_MS, TEN_MS + 600_000),
        not_open(TEN_MS - 600_000, TEN_MS),
        Reason::Paused { paused_at_ms: TEN_MS },
        Reason::Stage { opens_at_ms: TEN_MS + 30_000, recv_at_ms },
        Reason::NotInvited {},
        Reason::Suspended { until_ms: TEN_MS + 86_400_000 },
        Reason::NotListed {},
        Reason::StockAbove { net: 1_040, gate: 36 },
        Reason::NotWholePacks { pack: 12, asked: 7, fix: 12 },
        Reason::BelowMinimum { min: 24, asked: 12 },
        Reason::LineCap { cap: 48, left: 12 },
        Reason::RoundCap { cap: 48, taken: 36, left: 12 },
        span(Span::Day),
        span(Span::Period),
        Reason::CreditShort { short_cents: 88_878, left_cents: 1_234_567, need_cents: 1_323_445 },
        Reason::SoldOut { sold_out_at_ms: TEN_MS + 3_694, recv_at_ms, left: 0 },
        Reason::SoldOut { sold_out_at_ms: 0, recv_at_ms, left: 24 },
        Reason::TooFast { retry_after_ms: 4_200 },
        Reason::DockFull { cap: 120, left: 24 },
        Reason::BadClaim {},
        Reason::Overloaded { retry_after_ms: 1_000 },
    ]
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|tail| tail.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn every_sentence_of_every_reason_is_filled() {
    for reason in every_reason() {
        for (lang, context) in BOTH.into_iter().flat_map(|lang| [(lang, bare()), (lang, of_a_line())]) {
            let text = super::reason(&reason, lang, &context);
            assert!(!text.contains(['{', '}']) && !text.contains(MISSING), "{reason:?}: {text}");
            assert_ne!(text, problem("internal", lang), "{reason:?} has no words");
        }
    }
}

#[test]
fn every_row_of_the_table_is_said_by_some_reason_or_waits_for_its_rule() {
    let said: BTreeSet<String> = every_reason().iter().map(|reason| super::reason(reason, Lang::Zh, &bare())).collect();
    // Duplicate claims in a window, unsigned deliveries and old rules have no rule behind them in instant rounds.
    let waiting = ["E15", "E18", "E19"];
    assert_eq!(said.len() + waiting.len(), REASONS.len());
    let deliveries = Map::from_iter([("open".to_owned(), Value::from(2))]);
    for (code, lang) in waiting.into_iter().flat_map(|code| BOTH.map(|lang| (code, lang))) {
        let text = sentence(code, lang, &deliveries, &bare());
        assert!(!text.contains(MISSING) && text != problem("internal", lang), "{code}: {text}");
    }
}

#[test]
fn the_codes_e01_to_e20_all_have_words() {
    let keys: BTreeSet<&str> = REASONS.iter().map(|words| words.key).collect();
    for number in 1..=20 {
        assert!(keys.contains(format!("E{number:02}").as_str()), "E{number:02}");
    }
    assert_eq!(keys.len(), REASONS.len());
}

#[test]
fn both_languages_tell_the_same_numbers() {
    for Words { key, title, text: [zh, en] } in REASONS.iter().chain(&CHANNELS).chain(&PROBLEMS) {
        assert_eq!(placeholders(zh), placeholders(en), "{key}");
        assert!(title.iter().all(|title| placeholders(title).is_empty() && !title.is_empty()), "{key}");
    }
}

#[test]
fn words_are_calm_and_speak_to_one_person() {
    for Words { key, title, text } in REASONS.iter().chain(&CHANNELS).chain(&PROBLEMS) {
        for words in title.iter().chain(text) {
            assert!(!words.contains(['!', '！', '您']), "{key}: {words}");
            assert!(!words.ends_with(['.', '。']), "{key}: {words}");
        }
        assert!(!text[0].contains([',', ':', ';']), "{key}: Chinese takes full-width punctuation");
    }
}

#[test]
fn a_problem_is_told_without_numbers_and_an_unknown_one_as_ours() {
    for Words { key, text, .. } in PROBLEMS.iter().chain(&CHANNELS) {
        assert!(text.iter().all(|text| placeholders(text).is_empty()), "{key}");
    }
    assert_eq!(problem("no such code", Lang::En), problem("internal", Lang::En));
    assert_eq!(title("not_allowed", Lang::Zh), "没有权限");
    assert_eq!(problem("E20", Lang::Zh), "单子有误，没有提交。请重新选数量");
    assert_eq!(problem("E16", Lang::En), "Too fast");
}

#[test]
fn an_early_a_late_and_a_closed_round_are_told_apart() {
    let [early, late, over] = [0, 1, 2].map(|i| said(&every_reason()[i], Lang::Zh));
    assert_eq!(early, "未开抢。10:01 开，你 10:00:04.106 到。到点再点");
    assert_eq!(late, "还没开抢。本该 10:00 开，总部在准备。过一会儿再点");
    assert_eq!(over, "已经结束。10:00:00.000 结束，你 10:00:04.106 到，晚 4.106 秒。看看下一场");
}

#[test]
fn an_opening_on_another_day_names_the_day() {
    let opens_at_ms = TEN_MS + 86_400_000;
    let tomorrow = Reason::NotOpen { opens_at_ms, closes_at_ms: opens_at_ms + 1, recv_at_ms: TEN_MS };
    assert_eq!(said(&tomorrow, Lang::Zh), "未开抢。11月23日 10:00 开，你 10:00:00.000 到。到点再点");
    assert_eq!(said(&tomorrow, Lang::En), "Not open: opens 23 Nov 10:00, you arrived 10:00:00.000. Tap then");
}

#[test]
fn quantities_are_said_in_cases_where_they_come_out_whole() {
    let cap = Reason::LineCap { cap: 48, left: 12 };
    assert_eq!(said(&cap, Lang::Zh), "这个货每店最多 4 箱，还能抢 1 箱");
    assert_eq!(said(&cap, Lang::En), "4 cases a store for this item, 1 case left for you");
    assert_eq!(super::reason(&cap, Lang::Zh, &bare()).replace('\u{a0}', " "), "这个货每店最多 48 瓶，还能抢 12 瓶");
    let loose = Reason::NotWholePacks { pack: 12, asked: 7, fix: 12 };
    assert_eq!(said(&loose, Lang::Zh), "要整箱：一箱 12 瓶，你填 7 瓶。改成 1 箱");
}

#[test]
fn money_times_and_gaps_are_exact() {
    let credit = Reason::CreditShort { short_cents: 88_878, left_cents: -5, need_cents: 123_456_789 };
    assert_eq!(said(&credit, Lang::Zh), "信用差 ¥888.78：余额 -¥0.05，要 ¥1,234,567.89。少抢一点，或找财务");
    let gone = Reason::SoldOut { sold_out_at_ms: TEN_MS + 3_694, recv_at_ms: TEN_MS + 4_106, left: 0 };
    assert_eq!(said(&gone, Lang::Zh), "抢光了：10:00:03.694 抢完，你 10:00:04.106 到，晚 0.412 秒。看看别的货");
    assert_eq!(said(&Reason::TooFast { retry_after_ms: 4_200 }, Lang::En), "Too fast. Tap again in 5 s");
    assert_eq!(said(&Reason::DockFull { cap: 120, left: 24 }, Lang::Zh), "11月23日收货位满，还能收 2 箱");
    let until = Reason::Suspended { until_ms: TEN_MS };
    assert_eq!(said(&until, Lang::En), "Suspended until 22 Nov 10:00. Ask your supervisor");
}

#[test]
fn an_article_is_called_by_its_name_where_that_is_known() {
    assert_eq!(said(&Reason::NotListed {}, Lang::Zh), "你店没铺 TITOS 750 ml。换别的货，或找区域主管");
    assert!(super::reason(&Reason::NotListed {}, Lang::En, &bare()).starts_with("This item is not listed"));
}

#[test]
fn a_number_that_is_not_given_is_a_dash_and_no_crash() {
    let none = Map::new();
    assert_eq!(sentence("E10", Lang::Zh, &none, &bare()), "这个货每店最多 –，还能抢 –");
}
