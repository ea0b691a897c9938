//! Why a claim, or a line of it, got less than it asked for: the codes E01–E20, each with its numbers.
//!
//! Lua writes a reason as `E10:48:12`; on the wire it is `{"code": "E10", "numbers": {"cap": 48, "left": 12}}`;
//! `texts` turns it into a sentence. E15, E18 and E19 have no input behind them yet and so do not exist here.

use super::clock::UnixMs;
use serde::{Deserialize, Serialize};

/// Quantities are base units, money is cents, times are Unix milliseconds of Redis' clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "code", content = "numbers")]
pub enum Reason {
    /// The round is not open: not yet, or (when `recv_at_ms` is not before `closes_at_ms`) not any more.
    #[serde(rename = "E01")]
    NotOpen { opens_at_ms: UnixMs, closes_at_ms: UnixMs, recv_at_ms: UnixMs },
    #[serde(rename = "E02")]
    Paused { paused_at_ms: UnixMs },
    /// The store's own stage opens later.
    #[serde(rename = "E03")]
    Stage { opens_at_ms: UnixMs, recv_at_ms: UnixMs },
    #[serde(rename = "E04")]
    NotInvited {},
    #[serde(rename = "E05")]
    Suspended { until_ms: UnixMs },
    #[serde(rename = "E06")]
    NotListed {},
    /// Net stock has reached the gate of the round's policy.
    #[serde(rename = "E07")]
    StockAbove { net: i64, gate: i64 },
    /// `fix` is the nearest whole-pack quantity below, or one pack.
    #[serde(rename = "E08")]
    NotWholePacks { pack: i64, asked: i64, fix: i64 },
    #[serde(rename = "E09")]
    BelowMinimum { min: i64, asked: i64 },
    #[serde(rename = "E10")]
    LineCap { cap: i64, left: i64 },
    #[serde(rename = "E11")]
    RoundCap { cap: i64, taken: i64, left: i64 },
    /// `span` is `day` or `period`, whichever binds.
    #[serde(rename = "E12")]
    SpanCap { cap: i64, taken: i64, left: i64, span: Span },
    #[serde(rename = "E13")]
    CreditShort { short_cents: i64, left_cents: i64, need_cents: i64 },
    /// `left` is what remained of the line, less than a pack or less than was asked; `sold_out_at_ms` is 0 while some is left.
    #[serde(rename = "E14")]
    SoldOut { sold_out_at_ms: UnixMs, recv_at_ms: UnixMs, left: i64 },
    #[serde(rename = "E16")]
    TooFast { retry_after_ms: i64 },
    #[serde(rename = "E17")]
    DockFull { cap: i64, left: i64 },
    /// Quantity not positive, unknown line, a line twice, or a known claim id with another body.
    #[serde(rename = "E20")]
    BadClaim {},
    /// Too many decisions wait for the ledger: nothing was decided.
    #[serde(rename = "overloaded")]
    Overloaded { retry_after_ms: i64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    Day,
    Period,
}

impl Reason {
    /// Reads what a script wrote: the code and its numbers, joined by colons.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let code = parts.next()?;
        let numbers = parts.map(str::parse::<i64>).collect::<Result<Vec<_>, _>>().ok()?;
        Some(match (code, numbers.as_slice()) {
            ("E01", &[opens_at_ms, closes_at_ms, recv_at_ms]) => {
                Self::NotOpen { opens_at_ms, closes_at_ms, recv_at_ms }
            }
            ("E02", &[paused_at_ms]) => Self::Paused { paused_at_ms },
            ("E03", &[opens_at_ms, recv_at_ms]) => Self::Stage { opens_at_ms, recv_at_ms },
            ("E04", []) => Self::NotInvited {},
            ("E05", &[until_ms]) => Self::Suspended { until_ms },
            ("E06", []) => Self::NotListed {},
            ("E07", &[net, gate]) => Self::StockAbove { net, gate },
            ("E08", &[pack, asked, fix]) => Self::NotWholePacks { pack, asked, fix },
            ("E09", &[min, asked]) => Self::BelowMinimum { min, asked },
            ("E10", &[cap, left]) => Self::LineCap { cap, left },
            ("E11", &[cap, taken, left]) => Self::RoundCap { cap, taken, left },
            ("E12", &[cap, taken, left, 0]) => Self::SpanCap { cap, taken, left, span: Span::Day },
            ("E12", &[cap, taken, left, 1]) => Self::SpanCap { cap, taken, left, span: Span::Period },
            ("E13", &[short_cents, left_cents, need_cents]) => {
                Self::CreditShort { short_cents, left_cents, need_cents }
            }
            ("E14", &[sold_out_at_ms, recv_at_ms, left]) => Self::SoldOut { sold_out_at_ms, recv_at_ms, left },
            ("E16", &[retry_after_ms]) => Self::TooFast { retry_after_ms },
            ("E17", &[cap, left]) => Self::DockFull { cap, left },
            ("E20", []) => Self::BadClaim {},
            ("overloaded", &[retry_after_ms]) => Self::Overloaded { retry_after_ms },
            _ => return None,
        })
    }

    /// The stable code, as it stands on the wire, in metrics and in the books.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotOpen { .. } => "E01",
            Self::Paused { .. } => "E02",
            Self::Stage { .. } => "E03",
            Self::NotInvited {} => "E04",
            Self::Suspended { .. } => "E05",
            Self::NotListed {} => "E06",
            Self::StockAbove { .. } => "E07",
            Self::NotWholePacks { .. } => "E08",
            Self::BelowMinimum { .. } => "E09",
            Self::LineCap { .. } => "E10",
            Self::RoundCap { .. } => "E11",
            Self::SpanCap { .. } => "E12",
            Self::CreditShort { .. } => "E13",
            Self::SoldOut { .. } => "E14",
            Self::TooFast { .. } => "E16",
            Self::DockFull { .. } => "E17",
            Self::BadClaim {} => "E20",
            Self::Overloaded { .. } => "overloaded",
        }
    }
}
