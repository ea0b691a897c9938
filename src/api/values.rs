//! Values of request bodies that are right once they exist: whole numbers in a range, texts that can be stored and shown.

use super::{problem::Problem, words::Words};
use chrono::{DateTime, Datelike, Utc};
use secrecy::SecretString;
use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};
use std::fmt;

/// A whole number from `MIN` to `MAX`, written as a JSON integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Int<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Int<MIN, MAX> {
    pub fn get(self) -> i64 {
        self.0
    }
}

/// How serde's own sentence about a wrong type begins to name the range.
pub const WHOLE_NUMBER_FROM: &str = "a whole number from ";

struct IntVisitor<const MIN: i64, const MAX: i64>;

impl<const MIN: i64, const MAX: i64> IntVisitor<MIN, MAX> {
    fn refuse<T, E: de::Error>(&self) -> Result<T, E> {
        Err(E::custom(Words::whole_number(MIN, MAX).packed()))
    }
}

impl<'de, const MIN: i64, const MAX: i64> Visitor<'de> for IntVisitor<MIN, MAX> {
    type Value = Int<MIN, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{WHOLE_NUMBER_FROM}{MIN} to {MAX}")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        if (MIN..=MAX).contains(&value) { Ok(Int(value)) } else { self.refuse() }
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        i64::try_from(value).or_else(|_| self.refuse()).and_then(|value| self.visit_i64(value))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        self.refuse()
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        self.refuse()
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        self.refuse()
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        self.refuse()
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        self.refuse()
    }

    fn visit_map<A: de::MapAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        self.refuse()
    }
}

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Int<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `any`: a query says `limit=50` as text, and reads it as a number only when asked to.
        deserializer.deserialize_i64(IntVisitor)
    }
}

/// A text of 1 to `MAX` characters without control characters: Postgres stores no NUL, and nobody can read the others.
/// Spaces around it are not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let text = text.trim();
        let fits = (1..=MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits {
            return Ok(Self(text.to_owned()));
        }
        let words = Words::new(
            format!("这里要填 1 到 {MAX} 个字，不含控制字符。"),
            format!("This must be a text of 1 to {MAX} characters without control characters."),
        );
        Err(de::Error::custom(words.packed()))
    }
}

/// A field that may be absent (`None`), null (`Some(None)`) or set: for edits, where the first two differ.
pub fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A text that no log and no error may show.
pub fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

/// Whole cents, far below where JavaScript's numbers lose digits.
pub type Cents = Int<0, 1_000_000_000_000>;
/// Base units of a line of an order or a round.
pub type Units = Int<0, 10_000_000>;

/// Why somebody interferes; it stands in the books.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    #[schema(value_type = String, max_length = 200)]
    pub reason: Text<200>,
}

/// Refuses a text that Postgres would not store or nobody could read.
pub fn storable(pointer: &str, text: &str) -> Result<(), Problem> {
    if text.chars().any(char::is_control) {
        let words = Words::fixed("不能含控制字符。", "This must not contain control characters.");
        return Err(Problem::invalid(pointer, words));
    }
    Ok(())
}

/// Refuses a time that is no slip of the pen but no plan either, and that calendars of other programs may not hold.
pub fn sensible(pointer: &str, time: DateTime<Utc>) -> Result<(), Problem> {
    if (2000..2200).contains(&time.year()) {
        return Ok(());
    }
    Err(Problem::invalid(pointer, Words::fixed("年份要在 2000 到 2199 之间。", "The year must be from 2000 to 2199.")))
}
