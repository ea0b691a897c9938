//! One-time tickets: a browser's socket cannot carry a header, and a token in an address ends up in logs.

use crate::domain::identity::Identity;
use crate::hot::{Hot, HotError};

/// 32 random bytes as hex.
const TICKET_CHARS: usize = 64;
/// What a ticket is good for, as told to clients; Redis keeps it for as long.
pub const TICKET_LIFE_MS: i64 = 30_000;

/// A ticket that opens one socket as this person.
pub async fn issue(hot: &Hot, identity: &Identity) -> Result<String, HotError> {
    let ticket = hex::encode(rand::random::<[u8; TICKET_CHARS / 2]>());
    hot.ticket_put(&ticket, identity).await?;
    Ok(ticket)
}

/// Whether it would open a socket now; it stays good.
pub async fn is_good(hot: &Hot, ticket: &str) -> Result<bool, HotError> {
    Ok(has_form(ticket) && hot.ticket_exists(ticket).await?)
}

fn has_form(ticket: &str) -> bool {
    ticket.len() == TICKET_CHARS && ticket.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Who the ticket is for, once. `None`: never given, used, or too old.
pub async fn redeem(hot: &Hot, ticket: &str) -> Result<Option<Identity>, HotError> {
    if !has_form(ticket) {
        return Ok(None);
    }
    hot.ticket_take(ticket).await
}
