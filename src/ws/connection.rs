//! The one loop of a session: it hears the socket, the mailbox, finished claims, the clock and the node's stop, and
//! returns why it ended. Whatever the reason, the caller cleans up the same way.

use super::{
    Caller, Redeem, guest,
    member::{Action, Member},
    socket::{Gone, Incoming, Socket},
};
use crate::auth::{AuthVersions, GrabbingDevices, Permission};
use crate::domain::{
    claim::ClaimOutcome,
    clock,
    ids::{ClaimId, RoundId},
};
use crate::grab::{Grab, GrabError};
use crate::protocol::{CloseCode, HEARTBEAT_MS, Out, SILENCE_MS_MAX, outbound::VerdictFrame};
use crate::push::{Hub, Mail, Mailbox, hub::encode, ring::Replay};
use bytestring::ByteString;
use futures_util::{StreamExt, future::LocalBoxFuture, stream::FuturesUnordered};
use std::{pin::pin, sync::Arc, time::Duration};
use uuid::Uuid;

/// A client that is ahead of this node waits so long for the node to catch up.
const AHEAD_WAIT: Duration = Duration::from_secs(2);

const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// What a session needs of the house.
#[derive(Clone)]
pub struct Doors {
    pub hub: Arc<Hub>,
    pub grab: Grab,
    pub redeem: Redeem,
    pub heartbeat_ms: i64,
    pub versions: AuthVersions,
    pub devices: GrabbingDevices,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The client went, or its line broke.
    Gone,
    /// We parted with this code.
    Parted(CloseCode),
}

/// A claim's answer on its way back to the loop.
type Answer = LocalBoxFuture<'static, (RoundId, ClaimId, Result<Option<ClaimOutcome>, GrabError>)>;

/// Serves a socket from its opening to its end.
pub async fn run(mut socket: impl Socket, caller: Caller, doors: Doors) -> End {
    let session = Uuid::now_v7();
    let mailbox = Arc::new(Mailbox::default());
    let parted = match guest::greet(&mut socket).await {
        Err(code) => Err((code, None)),
        Ok(hello) => {
            metrics::gauge!("ws_connections").increment(1.0);
            metrics::counter!("ws_hellos_total", "client" => client_label(&hello.client)).increment(1);
            let result = serve(&mut socket, session, caller, &doors, &mailbox, hello).await;
            doors.hub.leave(session);
            metrics::gauge!("ws_connections").decrement(1.0);
            result
        }
    };
    match parted {
        Ok(Gone) => End::Gone,
        Err((code, reconnect_after_ms)) => {
            metrics::counter!("ws_closes_total", "code" => code.name()).increment(1);
            if let Some(frame) = encode(&Out::Bye { code, reconnect_after_ms })
                && socket.send(frame).await.is_err()
            {
                return End::Gone;
            }
            socket.close(code).await;
            End::Parted(code)
        }
    }
}

/// `Ok` when the client went, `Err` with the code to part with.
type Served = Result<Gone, (CloseCode, Option<i64>)>;

async fn serve(
    socket: &mut impl Socket,
    session: Uuid,
    caller: Caller,
    doors: &Doors,
    mailbox: &Arc<Mailbox>,
    hello: guest::Hello,
) -> Served {
    let have = hello.resume.map(|resume| resume.store_seq);
    let store_id = caller.identity.store_id;
    // A device that was signed out meanwhile takes nobody's place.
    if !doors.versions.is_current(&caller.identity) {
        return Err((CloseCode::SignIn, None));
    }
    let grabbing = doors.devices.take(&caller.identity).await;
    let waited_from = tokio::time::Instant::now();
    let joined = loop {
        let joined = doors.hub.join(session, store_id, have, Arc::clone(mailbox));
        if joined.replay != Replay::Ahead {
            break joined;
        }
        if waited_from.elapsed() > AHEAD_WAIT {
            return Err((CloseCode::TryAgain, Some(1000)));
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    };
    // A change of the user from now on ends the session through the hub; one from before is seen here.
    doors.hub.belongs_to(session, caller.identity.user_id, caller.identity.auth_version);
    if !doors.versions.is_current(&caller.identity) {
        return Err((CloseCode::SignIn, None));
    }
    // Said first and looked up after joining: whichever of two devices came later, one of the two looks sees it.
    if let Some(own) = grabbing {
        doors.hub.grabs_with(session, own);
        if doors.devices.is_replaced(&caller.identity, own).await {
            return Err((CloseCode::Replaced, None));
        }
    }
    let welcome = Out::Welcome {
        session: session.to_string(),
        server_time_ms: clock::now_ms(),
        store_seq: joined.store_seq,
        heartbeat_ms: doors.heartbeat_ms,
    };
    let mut opening: Vec<ByteString> = encode(&welcome).into_iter().collect();
    match joined.replay {
        Replay::Frames(frames) => opening.extend(frames),
        Replay::Snapshot(store_seq) => opening.extend(encode(&Out::Snapshot { store_seq })),
        Replay::Ahead => {}
    }
    for frame in opening {
        if socket.send(frame).await.is_err() {
            return Ok(Gone);
        }
    }

    let mut member = Member::new(caller, doors.grab.session_claims_per_s(), clock::now_ms());
    let mut answers = FuturesUnordered::<Answer>::new();
    let mut heartbeat = tokio::time::interval(Duration::from_millis(doors.heartbeat_ms.unsigned_abs()));
    heartbeat.reset();
    let silence_ms_max = doors.heartbeat_ms * SILENCE_MS_MAX / HEARTBEAT_MS;
    let mut heard_ms = clock::now_ms();
    let mut expiry = pin!(tokio::time::sleep(lifetime(&member)));
    loop {
        let sent = tokio::select! {
            incoming = socket.receive() => {
                let now_ms = clock::now_ms();
                heard_ms = now_ms;
                let action = match incoming {
                    Incoming::Gone => return Ok(Gone),
                    Incoming::Alive => match member.hear_sign_of_life(now_ms) {
                        Some(code) => Action::End(code),
                        None => continue,
                    },
                    Incoming::Bad(code) => Action::End(code),
                    Incoming::Text(text) => member.hear(&text, answers.len(), now_ms),
                };
                let sent = act(socket, session, &mut member, doors, &mut answers, action).await?;
                // It may have brought a new ticket.
                expiry.as_mut().reset(tokio::time::Instant::now() + lifetime(&member));
                sent
            }
            mail = mailbox.next() => match mail {
                Mail::Frame(frame) => socket.send(frame).await,
                Mail::End { code, reconnect_after_ms } => {
                    answer_last(socket, &member, &mut answers).await;
                    return Err((code, reconnect_after_ms));
                }
            },
            Some((round_id, claim_id, answer)) = answers.next(), if !answers.is_empty() => {
                if matches!(answer, Err(GrabError::SignedOut)) {
                    return Err((CloseCode::SignIn, None));
                }
                let out = said(&member, round_id, claim_id, answer);
                say(socket, &out).await
            }
            () = &mut expiry => return Err((CloseCode::SignIn, None)),
            _ = heartbeat.tick() => {
                let now_ms = clock::now_ms();
                if now_ms - heard_ms > silence_ms_max {
                    return Err((CloseCode::Silent, None));
                }
                socket.ping().await
            }
        };
        if sent.is_err() {
            return Ok(Gone);
        }
    }
}

/// Claims under way get their answer before the session ends, if it comes soon; else their ids are sent again elsewhere.
async fn answer_last(socket: &mut impl Socket, member: &Member, answers: &mut FuturesUnordered<Answer>) {
    let last = async {
        while let Some((round_id, claim_id, answer)) = answers.next().await {
            if say(socket, &said(member, round_id, claim_id, answer)).await.is_err() {
                return;
            }
        }
    };
    // Too late is no loss: a decision stands under its id.
    let _late = tokio::time::timeout(LAST_ANSWERS, last).await;
}

/// For how long the caller is still signed in.
fn lifetime(member: &Member) -> Duration {
    Duration::from_millis(u64::try_from(member.caller.identity.expires_at_ms - clock::now_ms()).unwrap_or(0))
}

/// Does what the member asked for. The outer result ends the session, the inner tells whether the peer still takes frames.
async fn act(
    socket: &mut impl Socket,
    session: Uuid,
    member: &mut Member,
    doors: &Doors,
    answers: &mut FuturesUnordered<Answer>,
    action: Action,
) -> Result<Result<(), Gone>, (CloseCode, Option<i64>)> {
    let now_ms = clock::now_ms();
    let identity = &member.caller.identity;
    if now_ms >= identity.expires_at_ms && !matches!(action, Action::Renew(_)) {
        return Err((CloseCode::SignIn, None));
    }
    match action {
        Action::Say(out) => Ok(say(socket, &out).await),
        Action::End(code) => Err((code, Some(5_000))),
        Action::Decide(claim) => {
            let (grab, pool) = (doors.grab.clone(), identity.pool.clone());
            let (round_id, claim_id) = (claim.round_id, claim.claim_id);
            answers
                .push(Box::pin(async move { (round_id, claim_id, grab.claim(&pool, claim, now_ms).await.map(Some)) }));
            Ok(Ok(()))
        }
        Action::Look { round_id, claim_id } => {
            if let Some(store_id) = identity.store_id {
                let (grab, pool) = (doors.grab.clone(), identity.pool.clone());
                answers.push(Box::pin(async move {
                    let verdict = grab.status(&pool, round_id, claim_id, store_id).await;
                    (round_id, claim_id, verdict.map(|verdict| verdict.map(ClaimOutcome::Decided)))
                }));
            }
            Ok(Ok(()))
        }
        Action::Watch(round_id) => {
            let needed = if identity.store_id.is_some() { Permission::SeeRounds } else { Permission::SeeBoard };
            if !needed.is_of(identity.role) {
                return Ok(say(socket, &member.error("not_allowed", None, None)).await);
            }
            if doors.hub.watch(session, round_id, now_ms) {
                return Ok(Ok(()));
            }
            Ok(say(socket, &member.error("not_found", None, None)).await)
        }
        Action::Renew(ticket) => match (doors.redeem)(ticket).await {
            // A ticket of somebody else is no renewal: the session acts for one user and one store.
            Some(fresh)
                if (fresh.user_id, fresh.store_id, fresh.role)
                    == (identity.user_id, identity.store_id, identity.role) =>
            {
                doors.hub.belongs_to(session, fresh.user_id, fresh.auth_version);
                member.caller.identity = fresh;
                Ok(Ok(()))
            }
            Some(_) => Err((CloseCode::NotYours, None)),
            None => Err((CloseCode::SignIn, None)),
        },
    }
}

/// The frame that answers a claim or a question about one.
fn said(member: &Member, round_id: RoundId, claim_id: ClaimId, answer: Result<Option<ClaimOutcome>, GrabError>) -> Out {
    match answer {
        Ok(Some(outcome)) => Out::Verdict(VerdictFrame::new(round_id, claim_id, outcome)),
        Ok(None) => member.error("not_found", Some(claim_id), None),
        Err(error) => {
            tracing::warn!(%error, %claim_id, "a claim got no answer");
            member.error("unavailable", Some(claim_id), Some(500))
        }
    }
}

async fn say(socket: &mut impl Socket, out: &Out) -> Result<(), Gone> {
    match encode(out) {
        Some(frame) => socket.send(frame).await,
        None => Ok(()),
    }
}

/// Client names come from outside: only known ones become a metric's label.
fn client_label(client: &str) -> &'static str {
    match client {
        "h5" => "h5",
        "miniprogram" => "miniprogram",
        "console" => "console",
        "k6" => "k6",
        "bench" => "bench",
        _ => "other",
    }
}
