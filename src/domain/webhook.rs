//! What systems elsewhere can be told, by name.

/// Every event that a webhook may ask for.
pub const EVENTS: [&str; 14] = [
    "round.scheduled",
    "round.warming",
    "round.open",
    "round.paused",
    "round.settling",
    "round.closed",
    "round.cancelled",
    "order.created",
    "order.cancelled",
    "order.revoked",
    "shipment.dispatched",
    "shipment.in_transit",
    "shipment.arrived",
    "receipt.created",
];

/// Sent on request only, to see whether anybody is there.
pub const PING: &str = "ping";

/// Whether this is an event, or a kind with all of its events: `round.*`.
pub fn is_wish(text: &str) -> bool {
    EVENTS.iter().any(|event| meets(text, event))
}

pub fn meets(wish: &str, event: &str) -> bool {
    match wish.strip_suffix('*') {
        Some(kind) => kind.ends_with('.') && event.starts_with(kind),
        None => wish == event,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_an_event_or_all_of_a_kind() {
        for good in ["round.open", "round.*", "receipt.*", "shipment.in_transit"] {
            assert!(is_wish(good), "{good}");
        }
        for odd in ["", "*", "round", "round.", "round.o*", "rounds.*", "ping", "ROUND.OPEN", ".*"] {
            assert!(!is_wish(odd), "{odd}");
        }
        assert!(meets("order.*", "order.created") && !meets("order.*", "round.open"));
    }
}
