//! A close code tells the client what to do: come back at the given time, or not before something changed.

use serde::{Serialize, Serializer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// The node is going away; come back after the given time.
    GoingAway,
    /// The node restarts; come back after the given time.
    Restart,
    /// Too many at once; come back after the given time.
    TryAgain,
    /// What RFC 6455 forbids: an unmasked frame, a reserved bit, a piece of no message.
    BrokenFrame,
    /// A binary frame; everything here is text.
    NotText,
    /// Text that is not UTF-8.
    BadText,
    /// A message above 4 KiB, or in too many pieces.
    TooBig,
    BadFrame,
    SignIn,
    NotYours,
    Silent,
    Replaced,
    TooSlow,
    TooFast,
}

impl CloseCode {
    pub fn number(self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::BrokenFrame => 1002,
            Self::NotText => 1003,
            Self::BadText => 1007,
            Self::TooBig => 1009,
            Self::Restart => 1012,
            Self::TryAgain => 1013,
            Self::BadFrame => 4400,
            Self::SignIn => 4401,
            Self::NotYours => 4403,
            Self::Silent => 4408,
            Self::Replaced => 4409,
            Self::TooSlow => 4413,
            Self::TooFast => 4429,
        }
    }

    /// For metrics and for the close frame's reason.
    pub fn name(self) -> &'static str {
        match self {
            Self::GoingAway => "going_away",
            Self::BrokenFrame => "broken_frame",
            Self::NotText => "not_text",
            Self::BadText => "bad_text",
            Self::TooBig => "too_big",
            Self::Restart => "restart",
            Self::TryAgain => "try_again",
            Self::BadFrame => "bad_frame",
            Self::SignIn => "sign_in",
            Self::NotYours => "not_yours",
            Self::Silent => "silent",
            Self::Replaced => "replaced",
            Self::TooSlow => "too_slow",
            Self::TooFast => "too_fast",
        }
    }
}

impl Serialize for CloseCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.number())
    }
}
