//! The verdict on the run: what k6 saw from outside against what stands in the books.

use super::rush::{Kill, Percentiles, Seen};
use crate::storage::tally::Tally;
use serde::Serialize;

/// The one line that is printed.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) sessions: usize,
    pub(super) packs: i64,
    pub(super) claims: i64,
    pub(super) won: i64,
    pub(super) lost: i64,
    pub(super) ordered: i64,
    pub(super) granted_packs: i64,
    pub(super) oversold: i64,
    pub(super) unanswered: i64,
    pub(super) verdict_changed: i64,
    pub(super) revoked: i64,
    pub(super) reconnects: i64,
    pub(super) tap_to_verdict_ms: Option<Percentiles>,
    pub(super) won_to_ordered_ms: Option<Percentiles>,
    pub(super) rss_mb: Vec<f64>,
    pub(super) node_killed: &'static str,
    pub(super) node_killed_at_ms: i64,
    pub(super) node_had_answered: i64,
    pub(super) seed: u64,
    pub(super) broken: Vec<String>,
}

/// Every promise that does not hold, in words.
pub(super) fn broken(
    seen: &Seen,
    books: &Tally,
    sessions: usize,
    expected_packs: i64,
    audit_wrong: usize,
) -> Vec<String> {
    let mut broken = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            broken.push(what);
        }
    };
    let sessions = i64::try_from(sessions).unwrap_or(i64::MAX);
    must(books.oversold_units == 0, format!("{} units oversold", books.oversold_units));
    must(seen.unanswered == 0, format!("{} claims unanswered", seen.unanswered));
    must(seen.verdict_changed == 0, format!("{} verdicts changed", seen.verdict_changed));
    must(seen.revoked == 0, format!("{} wins revoked though Redis was never lost", seen.revoked));
    must(seen.finished == sessions, format!("{} of {sessions} sessions came to their end", seen.finished));
    must(
        seen.claims == sessions && seen.won + seen.lost == sessions && seen.too_late == 0,
        format!(
            "{sessions} taps, but {} claims, {} won, {} lost, {} late",
            seen.claims, seen.won, seen.lost, seen.too_late
        ),
    );
    must(seen.ordered == seen.won, format!("{} won, {} told of their order", seen.won, seen.ordered));
    must(books.claims == seen.claims, format!("{} claims tapped, {} in the books", seen.claims, books.claims));
    must(books.won == seen.won, format!("{} won for the stores, {} in the books", seen.won, books.won));
    must(books.ordered == books.won, format!("{} won, {} with an order", books.won, books.ordered));
    must(books.orders == books.orders_due, format!("{} orders are due, {} stand", books.orders_due, books.orders));
    must(
        books.granted_units == seen.granted_units,
        format!("{} units granted in the books, {} in verdicts", books.granted_units, seen.granted_units),
    );
    must(
        books.granted_packs == expected_packs,
        format!("{expected_packs} packs were there for those who may take one, {} were granted", books.granted_packs),
    );
    must(
        books.granted_units + books.returned_units == books.offered_units,
        format!("{} offered, {} granted, {} returned", books.offered_units, books.granted_units, books.returned_units),
    );
    must(audit_wrong == 0, format!("{audit_wrong} checks of the books failed"));
    broken
}

impl Report {
    #[expect(clippy::too_many_arguments, reason = "the sum of a run")]
    pub(super) fn new(
        seen: &Seen,
        books: &Tally,
        sessions: usize,
        packs: i64,
        kill: Kill,
        node_killed: &'static str,
        rss_mb: Vec<f64>,
        seed: u64,
        broken: Vec<String>,
    ) -> Self {
        Self {
            sessions,
            packs,
            claims: seen.claims,
            won: seen.won,
            lost: seen.lost,
            ordered: seen.ordered,
            granted_packs: books.granted_packs,
            oversold: books.oversold_units,
            unanswered: seen.unanswered,
            verdict_changed: seen.verdict_changed,
            revoked: seen.revoked,
            reconnects: seen.reconnects,
            tap_to_verdict_ms: seen.tap_to_verdict_ms,
            won_to_ordered_ms: seen.won_to_ordered_ms,
            rss_mb,
            node_killed,
            node_killed_at_ms: kill.at_ms,
            node_had_answered: kill.answered,
            seed,
            broken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: Seen = Seen {
        claims: 3,
        won: 2,
        granted_units: 24,
        lost: 1,
        too_late: 0,
        ordered: 2,
        revoked: 0,
        unanswered: 0,
        verdict_changed: 0,
        reconnects: 1,
        finished: 3,
        tap_to_verdict_ms: None,
        won_to_ordered_ms: None,
    };
    const BOOKS: Tally = Tally {
        offered_units: 24,
        granted_units: 24,
        granted_packs: 2,
        returned_units: 0,
        oversold_units: 0,
        claims: 3,
        won: 2,
        ordered: 2,
        orders: 2,
        orders_due: 2,
    };

    #[test]
    fn a_run_in_which_everything_adds_up_breaks_nothing() {
        assert_eq!(broken(&SEEN, &BOOKS, 3, 2, 0), Vec::<String>::new());
    }

    #[test]
    fn each_single_flaw_is_named() {
        let runs = [
            (Seen { unanswered: 1, ..SEEN }, BOOKS),
            (Seen { verdict_changed: 1, ..SEEN }, BOOKS),
            (Seen { ordered: 1, ..SEEN }, BOOKS),
            (Seen { finished: 2, ..SEEN }, BOOKS),
            (SEEN, Tally { oversold_units: 12, ..BOOKS }),
            (SEEN, Tally { ordered: 1, ..BOOKS }),
            (SEEN, Tally { orders: 3, ..BOOKS }),
            (SEEN, Tally { returned_units: 12, ..BOOKS }),
        ];
        for (seen, books) in runs {
            assert_eq!(broken(&seen, &books, 3, 2, 0).len(), 1, "{seen:?} {books:?}");
        }
        assert_eq!(broken(&SEEN, &BOOKS, 3, 2, 1).len(), 1);
    }
}
