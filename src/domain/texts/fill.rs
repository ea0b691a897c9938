//! Numbers as people read them: cases where they come out whole, yuan with commas, times in the chain's own zone.

use super::Context;
use crate::domain::{clock::from_ms, lang::Lang};
use chrono::{DateTime, Datelike, NaiveDate};
use chrono_tz::Tz;
use serde_json::{Map, Value};

/// Keeps a number and its unit on one line.
const NBSP: char = '\u{a0}';
/// Stands where a number should be and was not given; a test looks for it.
pub(super) const MISSING: &str = "–";

pub(super) struct Filler<'a> {
    pub lang: Lang,
    pub numbers: &'a Map<String, Value>,
    pub context: &'a Context<'a>,
}

impl Filler<'_> {
    /// The template with every name in braces replaced.
    pub fn fill(&self, template: &str) -> String {
        let mut text = String::with_capacity(template.len() * 2);
        let mut rest = template;
        while let Some((before, (name, after))) =
            rest.split_once('{').and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
        {
            text.push_str(before);
            text.push_str(&self.value(name).unwrap_or_else(|| MISSING.to_owned()));
            rest = after;
        }
        text.push_str(rest);
        text
    }

    fn value(&self, name: &str) -> Option<String> {
        Some(match name {
            "sku" => self.sku(),
            "date" => self.date(),
            "gap_ms" => self.gap()?,
            "opens_at_ms" => self.opening(self.number(name)?),
            "until_ms" => {
                let until = self.local(self.number(name)?);
                format!("{} {}", self.day(until.date_naive()), until.format("%H:%M"))
            }
            "closes_at_ms" | "recv_at_ms" | "sold_out_at_ms" => {
                self.local(self.number(name)?).format("%H:%M:%S%.3f").to_string()
            }
            "retry_after_ms" => {
                let seconds = self.number(name)?.max(0).saturating_add(999) / 1000;
                self.with_unit(seconds.max(1).to_string(), ["秒", "s", "s"], seconds)
            }
            "short_cents" | "left_cents" | "need_cents" => money(self.number(name)?),
            "open" => match self.lang {
                Lang::Zh => self.number(name)?.to_string(),
                Lang::En => {
                    self.with_unit(grouped(self.number(name)?), ["", "delivery", "deliveries"], self.number(name)?)
                }
            },
            // A pack and a stock are said in bottles: they are what cases are measured by.
            "pack" | "net" | "gate" => self.bottles(self.number(name)?),
            "cap" | "left" | "taken" | "min" | "asked" | "fix" => self.quantity(self.number(name)?),
            _ => return None,
        })
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.numbers.get(name).and_then(Value::as_i64)
    }

    /// In cases where the line's pack is known and the quantity is a whole number of them, else in bottles.
    fn quantity(&self, units: i64) -> String {
        match self.context.pack {
            Some(pack) if pack > 1 && units % pack == 0 => {
                let cases = units / pack;
                self.with_unit(grouped(cases), ["箱", "case", "cases"], cases)
            }
            _ => self.bottles(units),
        }
    }

    fn bottles(&self, units: i64) -> String {
        self.with_unit(grouped(units), ["瓶", "bottle", "bottles"], units)
    }

    fn with_unit(&self, figure: String, [zh, one, more]: [&str; 3], count: i64) -> String {
        let unit = match self.lang {
            Lang::Zh => zh,
            Lang::En if count == 1 => one,
            Lang::En => more,
        };
        format!("{figure}{NBSP}{unit}")
    }

    /// Without a name the sentence speaks of "this item". The Chinese text has no space of its own before it.
    fn sku(&self) -> String {
        match (self.context.sku, self.lang) {
            (Some(name), Lang::Zh) => format!(" {name}"),
            (Some(name), Lang::En) => name.to_owned(),
            (None, Lang::Zh) => "这个货".to_owned(),
            (None, Lang::En) => "This item".to_owned(),
        }
    }

    fn date(&self) -> String {
        match (self.context.dock_day, self.lang) {
            (Some(day), _) => self.day(day),
            (None, Lang::Zh) => "送货那天".to_owned(),
            (None, Lang::En) => "the delivery day".to_owned(),
        }
    }

    fn day(&self, day: NaiveDate) -> String {
        match self.lang {
            Lang::Zh => format!("{}月{}日", day.month(), day.day()),
            Lang::En => day.format("%-d %b").to_string(),
        }
    }

    /// The hour and minute; with the day in front when the store came on another day.
    fn opening(&self, opens_at_ms: i64) -> String {
        let opens = self.local(opens_at_ms);
        let same_day = self
            .number("recv_at_ms")
            .is_none_or(|recv_at_ms| self.local(recv_at_ms).date_naive() == opens.date_naive());
        let time = opens.format("%H:%M");
        if same_day { time.to_string() } else { format!("{} {time}", self.day(opens.date_naive())) }
    }

    /// How much later than the end the store came, exact to the millisecond.
    fn gap(&self) -> Option<String> {
        let end = self.number("sold_out_at_ms").or_else(|| self.number("closes_at_ms"))?;
        let gap_ms = self.number("recv_at_ms")?.saturating_sub(end).max(0);
        let seconds = format!("{}.{:03}", grouped(gap_ms / 1000), gap_ms % 1000);
        Some(self.with_unit(seconds, ["秒", "s", "s"], gap_ms))
    }

    fn local(&self, at_ms: i64) -> DateTime<Tz> {
        from_ms(at_ms).with_timezone(&self.context.time_zone)
    }
}

fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let size = cents.unsigned_abs();
    format!("{sign}¥{}.{:02}", thousands(&(size / 100).to_string()), size % 100)
}

fn grouped(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", thousands(&number.unsigned_abs().to_string()))
}

fn thousands(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
