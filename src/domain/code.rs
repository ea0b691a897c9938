//! Codes that people read out and type: invites and one-time passwords. No letter can be taken for a digit.

/// Crockford's base 32: without I, L, O and U.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 12 signs of 5 bits: a million tries a second would need eighteen thousand years for one code.
const LEN: usize = 12;

/// A code out of random bytes, in groups of four: `7KQF-93WD-H2XA`.
pub fn code(random: [u8; LEN]) -> String {
    let signs = random.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)]));
    let mut text = String::with_capacity(LEN + 2);
    for (place, sign) in signs.enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        text.push(sign);
    }
    text
}

/// What somebody typed as it was meant: case, dashes and spaces do not matter, and O is 0. `None`: no code at all.
pub fn read(typed: &str) -> Option<String> {
    let mut signs = String::with_capacity(LEN);
    for sign in typed.chars().filter(|sign| !sign.is_whitespace() && *sign != '-') {
        let sign = match sign.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        if !sign.is_ascii() || !SIGNS.contains(&u8::try_from(sign).ok()?) || signs.len() == LEN {
            return None;
        }
        signs.push(sign);
    }
    (signs.len() == LEN).then_some(signs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let text = code([7, 19, 23, 15, 9, 3, 28, 13, 17, 2, 29, 10]);
        assert_eq!(text, "7KQF-93WD-H2XA");
        for typed in ["7KQF-93WD-H2XA", "7kqf 93wd h2xa", " 7kqf93wdh2xa "] {
            assert_eq!(read(typed).as_deref(), Some("7KQF93WDH2XA"), "{typed}");
        }
        assert_eq!(read("oooo-iiii-llll").as_deref(), Some("000011111111"));
        for wrong in ["", "7KQF-93WD", "7KQF-93WD-H2XA-1", "7KQF-93WD-H2X!", "七KQF93WDH2XA"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
