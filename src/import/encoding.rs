//! Bytes to text. A byte order mark decides; else what is good UTF-8 is UTF-8, and the rest is what Chinese Windows writes.

use crate::domain::{
    import::Encoding,
    import_fault::{Failure, FailureCode},
};
use std::borrow::Cow;

fn codec(encoding: Encoding) -> &'static encoding_rs::Encoding {
    match encoding {
        Encoding::Utf8 => encoding_rs::UTF_8,
        Encoding::Gb18030 => encoding_rs::GB18030,
        Encoding::Utf16le => encoding_rs::UTF_16LE,
        Encoding::Utf16be => encoding_rs::UTF_16BE,
    }
}

/// The text without its byte order mark.
pub(super) fn text(bytes: &[u8], said: Option<Encoding>) -> Result<(Cow<'_, str>, Encoding), Failure> {
    let marked = [Encoding::Utf8, Encoding::Utf16le, Encoding::Utf16be]
        .into_iter()
        .find(|encoding| encoding_rs::Encoding::for_bom(bytes).is_some_and(|(found, _)| found == codec(*encoding)));
    let candidates: &[Encoding] = match (&said, &marked) {
        (Some(said), _) => std::slice::from_ref(said),
        (None, Some(marked)) => std::slice::from_ref(marked),
        (None, None) => &[Encoding::Utf8, Encoding::Gb18030],
    };
    for encoding in candidates {
        let (text, broken) = codec(*encoding).decode_with_bom_removal(bytes);
        if !broken {
            return Ok((text, *encoding));
        }
    }
    Err(match said {
        Some(said) => Failure::new(FailureCode::WrongEncoding).with("encoding", said.name()),
        None => Failure::new(FailureCode::UnknownEncoding),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_found_out() {
        let words = "编号,名称\r\nS001,一号店";
        let (gb, _, _) = encoding_rs::GB18030.encode(words);
        for (bytes, encoding) in [
            (words.as_bytes().to_vec(), Encoding::Utf8),
            ([b"\xef\xbb\xbf", words.as_bytes()].concat(), Encoding::Utf8),
            (gb.to_vec(), Encoding::Gb18030),
            (
                [&[0xff, 0xfe][..], &words.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat(),
                Encoding::Utf16le,
            ),
        ] {
            let (text, found) = text(&bytes, None).expect("is read");
            assert_eq!((text.as_ref(), found), (words, encoding));
        }
    }

    #[test]
    fn a_wrong_encoding_is_told_and_not_guessed_over() {
        let (gb, _, _) = encoding_rs::GB18030.encode("名称");
        assert_eq!(text(&gb, Some(Encoding::Utf8)).expect_err("is refused").code, FailureCode::WrongEncoding);
        assert_eq!(text(b"a\xff\xffb", None).expect_err("is refused").code, FailureCode::UnknownEncoding);
    }
}
