//! What makes an account: its state, and which logins and passwords are good enough.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum UserStatus {
    /// Registered, and waits for somebody to approve.
    Pending,
    Active,
    /// Left, or was sent away. Keeps its login, so that nobody else comes to own its past.
    Disabled,
}

/// 3 to 64 of `a–z 0–9 . _ @ -`, so that nobody has to ask how a login is written: a word, an address, a phone number.
pub fn is_login(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._@-".contains(&byte);
    (3..=64).contains(&text.len()) && text.bytes().all(fits)
}

pub const PASSWORD_CHARS_MIN: usize = 10;
/// Longer input would only be work for the server: it is refused before it is hashed.
pub const PASSWORD_BYTES_MAX: usize = 128;

/// Why a new password is not taken. Length is what counts; rules about kinds of characters only make people predictable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeakPassword {
    Short,
    Long,
    /// The login, or made of little else.
    Login,
    /// The same sign again and again.
    OneSign,
    /// The one that is to be replaced.
    Old,
}

/// Checks a new password, except against the old one, of which only a hash is known.
pub fn check_password(new: &str, login: &str) -> Result<(), WeakPassword> {
    if new.chars().count() < PASSWORD_CHARS_MIN {
        return Err(WeakPassword::Short);
    }
    if new.len() > PASSWORD_BYTES_MAX {
        return Err(WeakPassword::Long);
    }
    let (new, login) = (new.to_lowercase(), login.to_lowercase());
    if new == login || new == format!("{login}{login}") {
        return Err(WeakPassword::Login);
    }
    let first = new.chars().next();
    if new.chars().all(|sign| Some(sign) == first) {
        return Err(WeakPassword::OneSign);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_plain_words() {
        for good in ["s0001", "wang.li", "a@b.cn", "13800138000", "abc"] {
            assert!(is_login(good), "{good}");
        }
        for bad in ["", "ab", "Wang", "王丽丽", "a b c", "a'--", "a\0bc", &"x".repeat(65)] {
            assert!(!is_login(bad), "{bad}");
        }
    }

    #[test]
    fn a_password_is_long_and_not_the_login() {
        assert_eq!(check_password("correct horse", "s0001"), Ok(()));
        assert_eq!(check_password("一二三四五六七八九十", "s0001"), Ok(()), "characters count, not bytes");
        assert_eq!(check_password("ninechars", "s0001"), Err(WeakPassword::Short));
        assert_eq!(check_password(&"x1".repeat(65), "s0001"), Err(WeakPassword::Long));
        assert_eq!(check_password("13800138000", "13800138000"), Err(WeakPassword::Login));
        assert_eq!(check_password("S0001s0001", "s0001"), Err(WeakPassword::Login));
        assert_eq!(check_password("aaaaaaaaaaaa", "s0001"), Err(WeakPassword::OneSign));
    }
}
