//! Codes in words, for people: what happened, with which numbers, what now. Chinese and English.
//!
//! The codes and their numbers are the contract; the words may change. A sentence never decides anything.

mod channels;
mod fill;
mod words;

use super::{
    lang::Lang,
    reason::{Reason, Span},
};
use channels::CHANNELS;
use chrono::NaiveDate;
use chrono_tz::Tz;
use fill::Filler;
use serde_json::{Map, Value};
use words::{PROBLEMS, REASONS, Words};

/// What a sentence may know beside the numbers of its code.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The chain's own.
    pub time_zone: Tz,
    /// Units in a pack of the line concerned: with it quantities are said in cases.
    pub pack: Option<i64>,
    /// Name of the article concerned.
    pub sku: Option<&'a str>,
    /// The round's delivery day.
    pub dock_day: Option<NaiveDate>,
}

impl Context<'_> {
    pub fn of_chain(time_zone: Tz) -> Self {
        Self { time_zone, pack: None, sku: None, dock_day: None }
    }
}

/// The sentence of a code with its numbers, as they stand on the wire. An unknown code is told as a fault of ours.
pub fn sentence(code: &str, lang: Lang, numbers: &Map<String, Value>, context: &Context<'_>) -> String {
    let number = |name: &str| numbers.get(name).and_then(Value::as_i64);
    let recv_at_ms = number("recv_at_ms");
    let reaches = |name: &str| recv_at_ms >= number(name);
    let case = match code {
        "E01" if reaches("closes_at_ms") => "E01_over",
        "E01" if reaches("opens_at_ms") => "E01_late",
        "E12" if numbers.get("span") == serde_json::to_value(Span::Period).ok().as_ref() => "E12_period",
        "E14" if number("sold_out_at_ms") == Some(0) || number("left") > Some(0) => "E14_left",
        code => code,
    };
    let [zh, en] = find(case).text;
    Filler { lang, numbers, context }.fill(in_lang(lang, zh, en))
}

/// The sentence of a reason.
pub fn reason(reason: &Reason, lang: Lang, context: &Context<'_>) -> String {
    let value = serde_json::to_value(reason).unwrap_or_default();
    let none = Map::new();
    let numbers = value.get("numbers").and_then(Value::as_object).unwrap_or(&none);
    sentence(reason.code(), lang, numbers, context)
}

/// A few words that head a code.
pub fn title(code: &str, lang: Lang) -> &'static str {
    let [zh, en] = find(code).title;
    in_lang(lang, zh, en)
}

/// What any request but a claim can be told: the sentence of a code without numbers. A code whose sentence has numbers is
/// told by its title.
pub fn problem(code: &str, lang: Lang) -> &'static str {
    let words = find(code);
    let [zh, en] = if words.text[0].contains('{') { words.title } else { words.text };
    in_lang(lang, zh, en)
}

fn find(key: &str) -> &'static Words {
    REASONS.iter().chain(&CHANNELS).chain(&PROBLEMS).find(|words| words.key == key).unwrap_or(fault())
}

/// The last of the table: "something broke on our side".
fn fault() -> &'static Words {
    &PROBLEMS[PROBLEMS.len() - 1]
}

fn in_lang(lang: Lang, zh: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

#[cfg(test)]
mod tests;
