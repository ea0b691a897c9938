//! A sentence in both languages of the product.

use crate::domain::lang::Lang;
use std::borrow::Cow;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    zh: Cow<'static, str>,
    en: Cow<'static, str>,
}

/// Separates the parts of words that travel through an error message; it never stands in a sentence.
const SEPARATOR: char = '\u{1f}';

impl Words {
    pub fn fixed(zh: &'static str, en: &'static str) -> Self {
        Self { zh: Cow::Borrowed(zh), en: Cow::Borrowed(en) }
    }

    pub fn new(zh: String, en: String) -> Self {
        Self { zh: Cow::Owned(zh), en: Cow::Owned(en) }
    }

    /// What a number must be.
    pub fn whole_number(min: impl std::fmt::Display, max: impl std::fmt::Display) -> Self {
        Self::new(
            format!("这里要填 {min} 到 {max} 的整数。"),
            format!("This must be a whole number from {min} to {max}."),
        )
    }

    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    /// As the message of a deserialisation error, which is one string; `unpacked` gets them back.
    pub fn packed(&self) -> String {
        format!("{}{SEPARATOR}{}{SEPARATOR}", self.zh, self.en)
    }

    pub fn unpacked(message: &str) -> Option<Self> {
        let mut parts = message.split(SEPARATOR);
        let (zh, en) = (parts.next()?, parts.next()?);
        parts.next().map(|_| Self::new(zh.to_owned(), en.to_owned()))
    }
}
