//! The heads of frames, judged as the bytes come in and before a body is kept.
//!
//! The reader above waits for a whole frame, however long its head says it will be, and gathers the bytes meanwhile: a
//! head of ten bytes could claim all our memory. So what RFC 6455 forbids, and what is too long, is found here.

use crate::protocol::{CloseCode, FRAME_BYTES_MAX};

/// More pieces than anybody needs for one message of 4 KiB; empty ones cost the sender nothing and us a little each.
const FRAGMENTS_MAX: usize = 64;
/// Two bytes, eight of length, four of mask.
const HEAD_BYTES_MAX: usize = 14;
const CONTROL_BYTES_MAX: u64 = 125;

#[derive(Debug, Default)]
pub(super) struct Heads {
    head: [u8; HEAD_BYTES_MAX],
    head_len: usize,
    /// Of the present frame, still to come.
    body_left: u64,
    /// Of the present message, promised so far; `None` between messages.
    message: Option<Message>,
    /// After its close frame a peer says nothing that counts.
    closed: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Message {
    bytes: u64,
    fragments: usize,
}

impl Heads {
    /// Reads on. A frame that breaks the rules is told with the place in `bytes` where it began (0 when that was before).
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(), (usize, CloseCode)> {
        let (mut at, mut began) = (0, 0);
        while at < bytes.len() && !self.closed {
            if self.body_left > 0 {
                let here = self.body_left.min((bytes.len() - at) as u64);
                self.body_left -= here;
                at += usize::try_from(here).unwrap_or(bytes.len());
                continue;
            }
            if self.head_len == 0 {
                began = at;
            }
            self.head[self.head_len] = bytes[at];
            self.head_len += 1;
            at += 1;
            if self.head_is_whole().map_err(|code| (began, code))? {
                self.head_len = 0;
            }
        }
        Ok(())
    }

    /// Judges as much of the head as is there; `true` when the body comes next.
    fn head_is_whole(&mut self) -> Result<bool, CloseCode> {
        let (first, second) = (self.head[0], self.head[1]);
        if self.head_len == 1 {
            return if first & 0x70 == 0 { Ok(false) } else { Err(CloseCode::BrokenFrame) };
        }
        let (is_last, opcode) = (first & 0x80 != 0, first & 0x0f);
        let (is_masked, short) = (second & 0x80 != 0, u64::from(second & 0x7f));
        if self.head_len == 2 {
            self.judge(is_last, opcode, is_masked, short)?;
        }
        let length_bytes = match short {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if self.head_len < 2 + length_bytes + 4 {
            return Ok(false);
        }
        let long = self.head[2..2 + length_bytes].iter().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
        let length = if length_bytes == 0 { short } else { long };
        if length >> 63 != 0 {
            return Err(CloseCode::BrokenFrame);
        }
        match opcode {
            0x8 => self.closed = true,
            0x9 | 0xa => {}
            _ => {
                let mut message = self.message.take().unwrap_or_default();
                message.bytes = message.bytes.saturating_add(length);
                message.fragments += 1;
                if message.bytes > FRAME_BYTES_MAX as u64 || message.fragments > FRAGMENTS_MAX {
                    return Err(CloseCode::TooBig);
                }
                self.message = (!is_last).then_some(message);
            }
        }
        self.body_left = length;
        Ok(true)
    }

    /// What the first two bytes tell.
    fn judge(&self, is_last: bool, opcode: u8, is_masked: bool, short: u64) -> Result<(), CloseCode> {
        let in_message = self.message.is_some();
        let fits = match opcode {
            0x0 => in_message,
            0x1 | 0x2 => !in_message,
            0x8..=0xa => is_last && short <= CONTROL_BYTES_MAX,
            _ => false,
        };
        if !is_masked || !fits {
            return Err(CloseCode::BrokenFrame);
        }
        // Nothing of ours is binary: no need to wait for its end.
        if opcode == 0x2 { Err(CloseCode::NotText) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(first: u8, length: u64) -> Vec<u8> {
        let mut bytes = vec![first];
        match length {
            0..126 => bytes.push(0x80 | length as u8),
            126..65_536 => bytes.extend([0xfe].iter().chain(&(length as u16).to_be_bytes())),
            _ => bytes.extend([0xff].iter().chain(&length.to_be_bytes())),
        }
        bytes.extend([0; 4]);
        bytes.extend(vec![b'x'; usize::try_from(length.min(5_000)).expect("is small")]);
        bytes
    }

    fn read(bytes: &[u8]) -> Result<(), (usize, CloseCode)> {
        Heads::default().read(bytes)
    }

    #[test]
    fn a_frame_is_judged_the_same_however_its_bytes_arrive() {
        let good = [frame(0x81, 4096), frame(0x01, 2), frame(0x89, 125), frame(0x80, 300), frame(0x88, 2)].concat();
        assert_eq!(read(&good), Ok(()));
        let mut heads = Heads::default();
        for byte in &good {
            assert_eq!(heads.read(&[*byte]), Ok(()));
        }
        let bad = [frame(0x81, 10), frame(0x81, 4097)].concat();
        assert_eq!(read(&bad), Err((16, CloseCode::TooBig)), "what came before it still counts");
        let mut heads = Heads::default();
        assert_eq!(bad.iter().find_map(|byte| heads.read(&[*byte]).err()), Some((0, CloseCode::TooBig)));
    }

    #[test]
    fn a_length_is_judged_before_its_body_has_come() {
        assert_eq!(read(&[0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), Err((0, CloseCode::TooBig)));
        assert_eq!(read(&[0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), Err((0, CloseCode::BrokenFrame)));
        let endless = [frame(0x01, 0), frame(0x00, 0).repeat(100)].concat();
        assert_eq!(read(&endless).map_err(|(_, code)| code), Err(CloseCode::TooBig));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_upset_the_reading(bytes: Vec<u8>, cut in 0..64_usize) {
            let whole = read(&bytes);
            let (first, second) = bytes.split_at(cut.min(bytes.len()));
            let mut heads = Heads::default();
            let parts = heads.read(first).and_then(|()| heads.read(second));
            proptest::prop_assert_eq!(whole.map_err(|(_, code)| code), parts.map_err(|(_, code)| code));
        }
    }
}
