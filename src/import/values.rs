//! Cells as values. People type full-width digits, thousands' commas and currency signs; programs write `12.00`. What is
//! no plain figure after that is refused, never rounded.

use chrono::{Datelike, NaiveDate, NaiveDateTime};

/// Full-width figures and signs as plain ones, without the spaces around.
fn plain(text: &str) -> String {
    let narrow = |sign: char| match sign {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(sign) - 0xfee0).unwrap_or(sign),
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{2212}' => '-',
        other => other,
    };
    text.chars().map(narrow).collect::<String>().trim().to_owned()
}

/// Digits before and after the point, and whether a minus stands before them. Commas only between threes.
fn figure(text: &str) -> Option<(bool, String, String)> {
    let text = plain(text);
    let (minus, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let groups: Vec<&str> = whole.split(',').collect();
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let grouped =
        groups.len() == 1 || (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
    let whole = groups.concat();
    let fits = grouped && !whole.is_empty() && is_digits(&whole) && is_digits(part) && whole.len() <= 18;
    fits.then(|| (minus, whole, part.to_owned()))
}

/// A whole number; `12.00` is one, `12.5` is none.
pub(super) fn whole(text: &str) -> Option<i64> {
    let (minus, whole, part) = figure(text)?;
    if part.bytes().any(|digit| digit != b'0') {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    Some(if minus { -number } else { number })
}

/// An amount in cents: at most two decimals, perhaps with a currency sign.
pub(super) fn cents(text: &str) -> Option<i64> {
    let text = plain(text);
    let text = text.trim_start_matches(['¥', '$', '€', '£', '￥']).trim_end_matches('元');
    let (minus, whole, part) = figure(text)?;
    let digits = part.trim_end_matches('0');
    if digits.len() > 2 || whole.len() > 15 {
        return None;
    }
    let fraction: i64 = format!("{digits:0<2}").parse().ok()?;
    let amount = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(fraction)?;
    Some(if minus { -amount } else { amount })
}

/// Degrees.
pub(super) fn degrees(text: &str, max: f64) -> Option<f64> {
    plain(text).parse::<f64>().ok().filter(|degrees| degrees.abs() <= max)
}

/// `2026-11-22`, `2026/11/22`, `2026.11.22`, `20261122`, `2026年11月22日`; a time behind it is left out. A day before its
/// month would be guessing.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let text = plain(text);
    let text = text.split([' ', 'T']).next()?;
    let day = if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        NaiveDate::parse_from_str(text, "%Y%m%d").ok()?
    } else {
        let parts: Vec<&str> = text.trim_end_matches('日').split(['-', '/', '.', '年', '月']).collect();
        let [year, month, day] = parts[..] else { return None };
        let fits = year.len() == 4 && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len());
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok())?;
        fits.then(|| NaiveDate::from_ymd_opt(year.parse().ok()?, number(month)?, number(day)?))??
    };
    (2000..2200).contains(&day.year()).then_some(day)
}

/// A day with its time, in the chain's own zone.
pub(super) fn time(text: &str) -> Option<NaiveDateTime> {
    let plain = plain(text);
    let day = day(&plain)?;
    let Some((_, clock)) = plain.split_once([' ', 'T']) else { return day.and_hms_opt(0, 0, 0) };
    let parts: Vec<&str> = clock.trim().split(':').collect();
    let number = |text: &&str| text.split('.').next()?.parse::<u32>().ok();
    match parts[..] {
        [hour, minute] => day.and_hms_opt(number(&hour)?, number(&minute)?, 0),
        [hour, minute, second] => day.and_hms_opt(number(&hour)?, number(&minute)?, number(&second)?),
        _ => None,
    }
}

pub(super) fn yes_no(text: &str) -> Option<bool> {
    match plain(text).to_lowercase().as_str() {
        "是" | "yes" | "y" | "true" | "1" => Some(true),
        "否" | "no" | "n" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// Whether a store trades.
pub(super) fn active(text: &str) -> Option<bool> {
    match plain(text).to_lowercase().as_str() {
        "营业" | "营业中" | "正常" | "启用" | "active" | "a" | "open" | "1" | "true" => Some(true),
        "停业" | "关店" | "闭店" | "停用" | "inactive" | "i" | "closed" | "0" | "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_and_nothing_else() {
        for (text, number) in
            [("12", 12), (" 12.00 ", 12), ("-3", -3), ("１２", 12), ("1,234", 1_234), ("+7", 7), ("−7", -7), ("007", 7)]
        {
            assert_eq!(whole(text), Some(number), "{text}");
        }
        for text in [
            "",
            "-",
            "12.5",
            "1e308",
            "1E3",
            "NaN",
            "inf",
            "1,23",
            "12,34,567",
            "0x10",
            "1 2",
            "十",
            "9999999999999999999",
            "=1+1",
        ] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn amounts_are_exact() {
        for (text, amount) in [
            ("50.99", 5_099),
            ("¥1,299.5", 129_950),
            ("150", 15_000),
            ("0.10", 10),
            ("￥９.９", 990),
            ("12.500", 1_250),
            ("3元", 300),
        ] {
            assert_eq!(cents(text), Some(amount), "{text}");
        }
        for text in ["9.375", "", "x", "1e2", "1.2.3", "99999999999999999"] {
            assert_eq!(cents(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_written_year_first() {
        let expected = NaiveDate::from_ymd_opt(2026, 1, 2);
        for text in [
            "2026-01-02",
            "2026/1/2",
            "2026.1.2",
            "20260102",
            "2026年1月2日",
            "2026-01-02 10:00:00",
            "2026-01-02T10:00",
        ] {
            assert_eq!(day(text), expected, "{text}");
        }
        for text in
            ["", "1/2/2026", "02-01-2026", "2026-13-01", "2026-02-30", "1999-12-31", "45943", "2026-1", "yesterday"]
        {
            assert_eq!(day(text), None, "{text}");
        }
        assert_eq!(time("2026-01-02 06:30"), expected.and_then(|day| day.and_hms_opt(6, 30, 0)));
        assert_eq!(time("2026-01-02 25:00"), None);
    }
}
