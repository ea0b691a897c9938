//! The two languages of the product, Chinese first.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    #[default]
    Zh,
    En,
}

impl Lang {
    /// The first language of an `Accept-Language` value that we speak; Chinese when it names none.
    pub fn from_accept_language(value: Option<&str>) -> Self {
        for part in value.unwrap_or_default().split(',') {
            let tag = part.split(';').next().unwrap_or_default().trim();
            if tag.get(..2).is_some_and(|t| t.eq_ignore_ascii_case("zh")) {
                return Self::Zh;
            }
            if tag.get(..2).is_some_and(|t| t.eq_ignore_ascii_case("en")) {
                return Self::En;
            }
        }
        Self::Zh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_we_speak_wins_and_chinese_is_the_default() {
        assert_eq!(Lang::from_accept_language(Some("fr, en-GB;q=0.8, zh")), Lang::En);
        assert_eq!(Lang::from_accept_language(Some("zh-CN,zh;q=0.9,en;q=0.8")), Lang::Zh);
        assert_eq!(Lang::from_accept_language(Some("界")), Lang::Zh);
        assert_eq!(Lang::from_accept_language(None), Lang::Zh);
    }
}
