//! The registry of one node: which sessions there are, and which of them hears an event.
//!
//! Store events go out at once. Round and board states are merged here to four a second, because the newest says all:
//! three hundred phones times every batch of the writer would drown two cores.

use super::{
    mailbox::Mailbox,
    queue::StateKey,
    ring::{Replay, Ring},
};
use crate::domain::{
    clock::UnixMs,
    event::{BoardFigures, RoundStatus, StoreEvent},
    identity::Grabbing,
    ids::{RoundId, StoreId, UserId},
};
use crate::protocol::{
    CloseCode, Out,
    outbound::{BoardFrame, StoreFrame, Versioned},
};
use bytestring::ByteString;
use serde::Serialize;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// States go to a session at most this often.
const STATE_EVERY_MS: i64 = 250;
/// A session may watch so many rounds: a store has a handful in a day.
const WATCHED_MAX: usize = 32;

pub type SessionId = Uuid;

#[derive(Debug, Default)]
pub struct Hub {
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    sessions: HashMap<SessionId, Member>,
    /// Sessions by store, for store events.
    of_store: HashMap<StoreId, Vec<SessionId>>,
    rounds: HashMap<RoundId, Round>,
    ring: Ring,
    online: Online,
}

#[derive(Debug)]
struct Member {
    /// `None`: headquarters.
    store_id: Option<StoreId>,
    /// Whose session it is, and under which auth version; `None` until it has said so.
    user: Option<(UserId, i64)>,
    /// On which device somebody of a store grabs here.
    grabbing: Option<Grabbing>,
    mailbox: Arc<Mailbox>,
    watched: HashSet<RoundId>,
}

#[derive(Debug)]
struct Round {
    audience: Arc<HashSet<StoreId>>,
    status: Option<(i64, RoundStatus)>,
    board: Option<(i64, BoardFigures)>,
    /// Something changed since the last flush.
    status_due: bool,
    board_due: bool,
    flushed_ms: UnixMs,
}

/// Sessions of stores over all nodes, as last heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Online {
    pub sessions: i64,
    pub stores: i64,
}

/// How a session begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    pub store_seq: i64,
    pub replay: Replay,
}

impl Hub {
    /// Registers the session and looks up what it missed under one lock, so that no event falls between the two:
    /// frames of the replay go out before anything that is put into the mailbox from now on.
    pub fn join(&self, id: SessionId, store_id: Option<StoreId>, have: Option<i64>, mailbox: Arc<Mailbox>) -> Joined {
        let mut inside = self.lock();
        let (store_seq, replay) = match store_id {
            Some(store_id) => {
                let head = inside.ring.head(store_id);
                let replay = have.map_or(Replay::Snapshot(head), |have| inside.ring.replay(store_id, have));
                (head, replay)
            }
            None => (0, Replay::Snapshot(0)),
        };
        if replay != Replay::Ahead {
            if let Some(store_id) = store_id {
                inside.of_store.entry(store_id).or_default().push(id);
            }
            inside
                .sessions
                .insert(id, Member { store_id, user: None, grabbing: None, mailbox, watched: HashSet::new() });
        }
        Joined { store_seq, replay }
    }

    pub fn leave(&self, id: SessionId) {
        let mut inside = self.lock();
        let Some(store_id) = inside.sessions.remove(&id).and_then(|member| member.store_id) else { return };
        if let Some(sessions) = inside.of_store.get_mut(&store_id) {
            sessions.retain(|session| *session != id);
            if sessions.is_empty() {
                inside.of_store.remove(&store_id);
            }
        }
    }

    /// Sends the round's newest state now, and from now on every change. False: no such round for this session.
    pub fn watch(&self, id: SessionId, round_id: RoundId, now_ms: UnixMs) -> bool {
        let mut guard = self.lock();
        let inside = &mut *guard;
        let Some(member) = inside.sessions.get_mut(&id) else { return false };
        let Some(round) = inside.rounds.get(&round_id) else {
            // A round that this node has heard nothing of yet: headquarters may wait for its first event.
            if member.store_id.is_none() && member.watched.len() < WATCHED_MAX {
                member.watched.insert(round_id);
            }
            return member.store_id.is_none();
        };
        if member.store_id.is_some_and(|store| !round.audience.contains(&store)) {
            return false;
        }
        if member.watched.len() < WATCHED_MAX {
            member.watched.insert(round_id);
        }
        if let Some(frame) = round.status_frame(now_ms) {
            member.mailbox.put_state(StateKey::Round(round_id), frame);
        }
        if member.store_id.is_none()
            && let Some(frame) = round.board_frame(now_ms, inside.online)
        {
            member.mailbox.put_state(StateKey::Board(round_id), frame);
        }
        true
    }

    /// The newest number of a store as the node starts.
    pub fn start_at(&self, store_id: StoreId, head: i64) {
        self.lock().ring.start_at(store_id, head);
    }

    /// An event from before the node's start: nobody is told, but a resume may need it.
    pub fn past_event(&self, store_id: StoreId, store_seq: i64, at_ms: UnixMs, event: &StoreEvent) {
        if let Some(frame) = encode(&StoreFrame { store_seq, event }) {
            self.lock().ring.add_past(store_id, store_seq, at_ms, frame);
        }
    }

    pub fn store_event(&self, store_id: StoreId, store_seq: i64, at_ms: UnixMs, event: &StoreEvent) {
        let Some(frame) = encode(&StoreFrame { store_seq, event }) else { return };
        let mut inside = self.lock();
        if !inside.ring.add(store_id, store_seq, at_ms, frame.clone()) {
            return;
        }
        for id in inside.of_store.get(&store_id).into_iter().flatten() {
            if let Some(member) = inside.sessions.get(id) {
                member.mailbox.put(frame.clone());
            }
        }
    }

    pub fn round_status(&self, version: i64, audience: Arc<HashSet<StoreId>>, status: RoundStatus) {
        let mut inside = self.lock();
        let round = inside.round(status.round_id, audience);
        if round.status.as_ref().is_none_or(|(old, _)| *old < version) {
            round.status = Some((version, status));
            round.status_due = true;
        }
    }

    pub fn board_figures(&self, version: i64, audience: Arc<HashSet<StoreId>>, figures: BoardFigures) {
        let mut inside = self.lock();
        let round = inside.round(figures.round_id, audience);
        if round.board.as_ref().is_none_or(|(old, _)| *old < version) {
            round.board = Some((version, figures));
            round.board_due = true;
        }
    }

    /// Presence over all nodes, told to whoever watches a board when it changed.
    pub fn set_online(&self, online: Online) {
        let mut inside = self.lock();
        if inside.online != online {
            inside.online = online;
            for round in inside.rounds.values_mut() {
                round.board_due = round.board.is_some();
            }
        }
    }

    /// This node's own sessions of stores, and the number of different stores behind them.
    pub fn own_presence(&self) -> Online {
        let inside = self.lock();
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Online {
            sessions: inside.of_store.values().map(|sessions| count(sessions.len())).sum(),
            stores: count(inside.of_store.len()),
        }
    }

    /// Sends what changed and is due; called about ten times a second.
    pub fn flush(&self, now_ms: UnixMs) {
        let mut guard = self.lock();
        let inside = &mut *guard;
        for (round_id, round) in &mut inside.rounds {
            if !(round.status_due || round.board_due) || now_ms - round.flushed_ms < STATE_EVERY_MS {
                continue;
            }
            round.flushed_ms = now_ms;
            if std::mem::take(&mut round.status_due)
                && let Some(frame) = round.status_frame(now_ms)
            {
                for member in inside.sessions.values() {
                    let hears = match member.store_id {
                        Some(store) => round.audience.contains(&store),
                        None => member.watched.contains(round_id),
                    };
                    if hears {
                        member.mailbox.put_state(StateKey::Round(*round_id), frame.clone());
                    }
                }
            }
            if std::mem::take(&mut round.board_due)
                && let Some(frame) = round.board_frame(now_ms, inside.online)
            {
                for member in inside.sessions.values() {
                    if member.store_id.is_none() && member.watched.contains(round_id) {
                        member.mailbox.put_state(StateKey::Board(*round_id), frame.clone());
                    }
                }
            }
        }
    }

    /// Forgets old events and rounds that ended; called now and then.
    pub fn tidy(&self, now_ms: UnixMs) {
        use crate::domain::round::RoundState::{Archived, Cancelled};
        let mut inside = self.lock();
        inside.ring.forget(now_ms);
        inside.rounds.retain(|_, round| {
            !round.status.as_ref().is_some_and(|(_, status)| matches!(status.state, Archived | Cancelled))
        });
    }

    pub fn sessions(&self) -> Vec<SessionId> {
        self.lock().sessions.keys().copied().collect()
    }

    /// Ends a session, if it is still there.
    pub fn end(&self, id: SessionId, code: CloseCode, reconnect_after_ms: Option<i64>) {
        if let Some(member) = self.lock().sessions.get(&id) {
            member.mailbox.end(code, reconnect_after_ms);
        }
    }

    /// Whose session it is; again when it was renewed under a newer version.
    pub fn belongs_to(&self, id: SessionId, user_id: UserId, auth_version: i64) {
        if let Some(member) = self.lock().sessions.get_mut(&id) {
            member.user = Some((user_id, auth_version));
        }
    }

    /// The user was changed: ends the sessions from before. They come back as what the user is now, or not at all.
    pub fn end_changed(&self, user_id: UserId, auth_version: i64) {
        for member in self.lock().sessions.values() {
            if member.user.is_some_and(|(of, version)| of == user_id && version < auth_version) {
                member.mailbox.end(CloseCode::SignIn, None);
            }
        }
    }

    pub fn grabs_with(&self, id: SessionId, grabbing: Grabbing) {
        if let Some(member) = self.lock().sessions.get_mut(&id) {
            member.grabbing = Some(grabbing);
        }
    }

    /// Ends the user's sessions on the devices before this one.
    pub fn end_replaced(&self, user_id: UserId, by: Grabbing) {
        for member in self.lock().sessions.values() {
            let is_theirs = member.user.is_some_and(|(of, _)| of == user_id);
            if is_theirs && member.grabbing.is_some_and(|own| own.is_replaced_by(by)) {
                member.mailbox.end(CloseCode::Replaced, None);
            }
        }
    }

    /// Who grabs here.
    pub fn grabbing_users(&self) -> Vec<UserId> {
        let inside = self.lock();
        let grabbing = inside.sessions.values().filter(|member| member.grabbing.is_some());
        let users: HashSet<UserId> = grabbing.filter_map(|member| member.user.map(|(user_id, _)| user_id)).collect();
        users.into_iter().collect()
    }

    pub fn session_count(&self) -> usize {
        self.lock().sessions.len()
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Every method leaves the data whole at each step that could panic, so a poisoned lock is as good.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn round(&mut self, round_id: RoundId, audience: Arc<HashSet<StoreId>>) -> &mut Round {
        let round = self.rounds.entry(round_id).or_insert_with(|| Round {
            audience: Arc::clone(&audience),
            status: None,
            board: None,
            status_due: false,
            board_due: false,
            flushed_ms: 0,
        });
        round.audience = audience;
        round
    }
}

impl Round {
    fn status_frame(&self, now_ms: UnixMs) -> Option<ByteString> {
        let (version, status) = self.status.as_ref()?;
        encode(&Out::Round(Versioned { version: *version, server_time_ms: now_ms, state: status.clone() }))
    }

    fn board_frame(&self, now_ms: UnixMs, online: Online) -> Option<ByteString> {
        let (version, figures) = self.board.as_ref()?;
        let state =
            BoardFrame { figures: figures.clone(), sessions_online: online.sessions, stores_online: online.stores };
        encode(&Out::Board(Versioned { version: *version, server_time_ms: now_ms, state }))
    }
}

/// A frame as text. Our own types always serialize; should one not, it is told, because a silent gap would break a promise.
pub fn encode<T: Serialize>(frame: &T) -> Option<ByteString> {
    match serde_json::to_string(frame) {
        Ok(text) => Some(text.into()),
        Err(error) => {
            tracing::error!(%error, "a frame could not be written as JSON");
            metrics::counter!("frames_unwritable_total").increment(1);
            None
        }
    }
}
