//! A round as an answer, with the version that an edit must name; and what the verbs of `rounds` can refuse.

use crate::{
    api::{
        problem::{FieldError, Kind, Problem},
        state::ApiState,
        words::Words,
    },
    auth::Session,
    domain::{ids::RoundId, round::RoundState},
    rounds::{Error, Flaw, FlawKind, Shortage},
    storage::round_views::{self, RoundDetail},
};
use actix_web::{HttpResponse, HttpResponseBuilder, http::header};
use sha2::{Digest, Sha256};

/// The round as the caller may see it.
pub async fn round(state: &ApiState, session: &Session, round_id: RoundId) -> Result<RoundDetail, Problem> {
    let mut db = state.connection().await?;
    let round = round_views::round(&mut db, round_id, session.scope().store_id()).await?;
    round.ok_or(Kind::NotFound.into())
}

/// The round after a verb.
pub async fn answered(
    state: &ApiState,
    session: &Session,
    round_id: RoundId,
    mut response: HttpResponseBuilder,
) -> Result<HttpResponse, Problem> {
    let shown = Shown::of(&round(state, session, round_id).await?)?;
    Ok(response.insert_header((header::ETAG, shown.etag)).content_type("application/json").body(shown.body))
}

/// A round's JSON and its tag: the version of the row, which an edit names, and a digest of everything shown.
pub struct Shown {
    pub body: String,
    pub etag: String,
}

impl Shown {
    pub fn of(round: &RoundDetail) -> Result<Self, Problem> {
        let body = serde_json::to_string(round).map_err(|error| Problem::new(Kind::Internal).because(error))?;
        let digest = Sha256::digest(body.as_bytes());
        let etag = format!("\"{}-{}\"", round.version, hex::encode(&digest[..8]));
        Ok(Self { body, etag })
    }
}

/// The version in a tag that `Shown` made.
pub fn version_in(etag: &str) -> Option<i64> {
    let (version, digest) = etag.strip_prefix('"')?.strip_suffix('"')?.split_once('-')?;
    let one_tag = digest.bytes().all(|b| b.is_ascii_hexdigit());
    one_tag.then(|| version.parse().ok()).flatten()
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Kind::NotFound.into(),
            Error::State(state) => Self::new(Kind::WrongState).detail(stands(state)),
            Error::Ignored(_) => Kind::WrongState.into(),
            Error::Version => Kind::Changed.into(),
            Error::SecondPerson => Kind::SecondPersonNeeded.into(),
            Error::Flawed(flaws) => Self::at(Kind::Invalid, flaws.into_iter().map(flawed).collect()),
            Error::NotEnoughStock(lines) => Self::at(Kind::NotEnoughStock, lines.iter().map(short).collect()),
            Error::NotLoaded | Error::Busy | Error::Hot(_) => {
                Self::new(Kind::Unavailable).retry_after(1000).because(error)
            }
            Error::Storage(error) => error.into(),
            Error::TimeZone(_) | Error::ClockOnly | Error::LogPosition(_) => Self::new(Kind::Internal).because(error),
        }
    }
}

fn flawed(flaw: Flaw) -> FieldError {
    let detail = match flaw.kind {
        FlawKind::OutOfRange => Words::fixed("超出允许的范围。", "This is out of range."),
        FlawKind::Empty => Words::fixed("不能为空。", "This must not be empty."),
        FlawKind::TooMany => Words::fixed("太多了，请分成几场。", "Too many: make it several rounds."),
        FlawKind::Twice => Words::fixed("写了两次。", "This is named twice."),
        FlawKind::Unknown => Words::fixed("没有这一项。", "There is no such thing."),
        FlawKind::Late => Words::fixed("时间要更晚。", "This must be later."),
        FlawKind::NothingOffered => {
            Words::fixed("保留数量要小于锁定数量。", "What is held back must be less than what is pledged.")
        }
    };
    FieldError { pointer: flaw.pointer, detail }
}

fn short(line: &Shortage) -> FieldError {
    let Shortage { asked, available, .. } = line;
    FieldError {
        pointer: format!("/lines/{}/pledged", line.line_no - 1),
        detail: Words::new(
            format!("要 {asked}，可用 {available}。"),
            format!("{asked} asked for, {available} available."),
        ),
    }
}

fn stands(state: RoundState) -> Words {
    let (zh, en) = match state {
        RoundState::Draft => ("是草稿", "a draft"),
        RoundState::PendingApproval => ("在等第二个人批准", "waiting for a second person"),
        RoundState::Scheduled => ("已发布", "published"),
        RoundState::Warming => ("准备开抢", "getting ready"),
        RoundState::Open => ("进行中", "open"),
        RoundState::Paused => ("已暂停", "paused"),
        RoundState::Settling => ("正在结算", "being settled"),
        RoundState::Closed => ("已结束", "closed"),
        RoundState::Archived => ("已归档", "archived"),
        RoundState::Cancelled => ("已取消", "cancelled"),
    };
    Words::new(
        format!("这场{zh}，不能做这一步。刷新后再看"),
        format!("The round is {en}: this step is not possible. Reload"),
    )
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn only_a_tag_of_ours_names_a_version() {
        assert_eq!(version_in("\"77-00ff\""), Some(77));
        for odd in ["", "*", "77", "\"77\"", "W/\"77-00ff\"", "\"x-00ff\"", "\"77-1\", \"78-1\""] {
            assert_eq!(version_in(odd), None, "{odd}");
        }
    }
}
