//! A new password: whether it is good enough, in words.

use crate::{
    api::{problem::Problem, words::Words},
    domain::account::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN, WeakPassword, check_password},
};
use secrecy::{ExposeSecret, SecretString};

/// `old`: what it is to replace, where that is known.
pub fn check(pointer: &str, new: &SecretString, login: &str, old: Option<&SecretString>) -> Result<(), Problem> {
    let is_old = old.is_some_and(|old| old.expose_secret() == new.expose_secret());
    let weak = if is_old { Err(WeakPassword::Old) } else { check_password(new.expose_secret(), login) };
    weak.map_err(|weak| Problem::invalid(pointer, words(weak)))
}

fn words(weak: WeakPassword) -> Words {
    match weak {
        WeakPassword::Short => Words::new(
            format!("密码至少 {PASSWORD_CHARS_MIN} 个字符。"),
            format!("A password has at least {PASSWORD_CHARS_MIN} characters."),
        ),
        WeakPassword::Long => Words::new(
            format!("密码最多 {PASSWORD_BYTES_MAX} 个字节。"),
            format!("A password has at most {PASSWORD_BYTES_MAX} bytes."),
        ),
        WeakPassword::Login => Words::fixed("密码不能是账号。", "The password must not be the login."),
        WeakPassword::OneSign => Words::fixed("密码不能全是同一个字符。", "The password must not repeat one sign."),
        WeakPassword::Old => Words::fixed("新密码要和旧密码不同。", "The new password must differ from the old one."),
    }
}
