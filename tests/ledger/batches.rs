//! What one batch of the log makes of the books.

use super::world::{AT_MS, Offer, World, price};
use graborder::{
    domain::{
        claim::ClaimMode::{AllOrNone, Partial},
        event::{StateEvent, StoreEvent},
    },
    storage::{chain, ledger::What, status},
};
use sqlx::types::Json;

/// Two warehouses, three lines: one nearly gone, one with a holdback.
async fn world() -> World {
    World::new(&[Offer(12, 0, 0), Offer(60, 12, 1), Offer(600, 0, 0)], 5).await
}

#[tokio::test]
async fn winners_partial_winners_and_losers_get_exactly_their_rows() {
    let world = world().await;
    let whole = world.decided(0, AllOrNone, 10, &[(0, 6, 6), (1, 12, 12)]);
    let part = world.decided(1, Partial, 20, &[(0, 12, 6), (2, 60, 60)]);
    let lost = world.decided(2, Partial, 30, &[(0, 6, 0)]);
    let written = world.write(vec![world.claims(vec![whole.clone(), part]), world.claims(vec![lost])]).await;
    assert_eq!((written.claims, written.orders, written.revoked, written.dead.len()), (3, 3, 0, 0));
    assert_eq!(written.position, world.position().await);
    world.assert_books_agree().await;

    assert_eq!(
        world.one::<String>("select string_agg(status, ',' order by chain_n) from claims").await,
        "won,partly_won,refused"
    );
    assert_eq!(
        world.one::<Option<String>>("select max(code) from claims where status = 'refused'").await,
        Some("E14".into())
    );
    assert_eq!(world.one::<i64>("select count(*) from shipments where state = 'PLANNED'").await, 3);
    assert_eq!(world.one::<i64>("select count(*) from order_events where what = 'ORDERED' and n = 1").await, 3);
    assert_eq!(
        world.one::<i64>("select count(*) from orders where promised_date = '2026-11-24' and state = 'APPROVED'").await,
        3
    );
    assert_eq!(
        world.one::<i64>("select sum(total_cents)::bigint from orders").await,
        12 * price(0) + 12 * price(1) + 60 * price(2)
    );
    let numbered: i64 = world
        .one(
            "select count(*) from orders o join shipments s on s.order_id = o.id, chain
              where order_no ~ ('^RO-' || to_char(now() at time zone time_zone, 'YYYYMMDD') || '-00000[123]$')
                and shipment_no = replace(order_no, 'RO-', 'SH-')",
        )
        .await;
    assert_eq!(numbered, 3);
    // The pledge turned into promises; the stores see it coming.
    assert_eq!(world.one::<i64>("select sum(pledged)::bigint from stock_levels").await, 672 - 84);
    assert_eq!(world.one::<i64>("select sum(allocated)::bigint from stock_levels").await, 84);
    assert_eq!(world.one::<i64>("select sum(inbound)::bigint from stock_levels").await, 84);

    let mut conn = world.db.0.acquire().await.unwrap();
    let board = status::board(&mut conn, world.round).await.unwrap();
    assert_eq!((board.claims, board.won, board.winning_stores, board.granted_units), (3, 2, 2, 84));
    assert_eq!((board.revoked, board.refused.get("E14"), board.as_of_ms), (0, Some(&1), AT_MS + 30));
    assert_eq!(board.lines.iter().map(|l| (l.offered, l.left)).collect::<Vec<_>>(), [(12, 0), (48, 36), (600, 540)]);
    assert_eq!(board.lines[0].sold_out_at_ms, Some(AT_MS + 20));
    assert_eq!(
        board.winners.iter().map(|w| (w.store_code.as_str(), w.units)).collect::<Vec<_>>(),
        [("S2", 66), ("S1", 18)]
    );

    // Told in this order: each winner its orders, then the round, then the board.
    let stores: Vec<Json<StoreEvent>> =
        sqlx::query_scalar("select event from outbox where store_id is not null order by number")
            .fetch_all(&mut *conn)
            .await
            .unwrap();
    let StoreEvent::Ordered(first) = &stores[0].0 else { panic!("{stores:?}") };
    assert_eq!((first.claim_id, first.orders.len(), first.chain_n), (whole.claim_id, 2, 1));
    assert_eq!(stores.len(), 2);
    let states: Vec<Json<StateEvent>> =
        sqlx::query_scalar("select event from outbox where store_id is null order by number")
            .fetch_all(&mut *conn)
            .await
            .unwrap();
    let [Json(StateEvent::Round(round)), Json(StateEvent::Board(told))] = states.as_slice() else {
        panic!("{states:?}")
    };
    assert_eq!((told, round), (&board, &status::round_status(&mut conn, world.round).await.unwrap()));
    assert_eq!((round.chain_n, round.opens_at_ms), (3, AT_MS));
}

#[tokio::test]
async fn a_batch_that_comes_again_changes_nothing() {
    let world = world().await;
    let claims = vec![world.decided(0, Partial, 1, &[(0, 6, 6)]), world.decided(1, Partial, 2, &[(0, 6, 6)])];
    let batch = world.batch(vec![world.claims(claims.clone())]).await;
    let first = world.apply(&batch).await.unwrap();
    assert_eq!(world.apply(&batch).await, None, "the position has moved on");

    // The same decisions under new numbers, as after a log that was written twice.
    let again = world.write(vec![world.claims(claims.clone()), world.claims(claims)]).await;
    assert_eq!((again.claims, again.orders, again.last_number), (0, 0, None));
    assert_eq!(world.one::<i64>("select last_number from pool_out").await, first.last_number.unwrap());
    assert_eq!(world.one::<i64>("select count(*) from orders").await, 2);
    world.assert_books_agree().await;
}

#[tokio::test]
async fn the_chain_holds_and_one_altered_row_is_found() {
    let world = world().await;
    let claims = (0..5).map(|i| world.decided(i, Partial, 1, &[(2, 6, 6)])).collect();
    world.write(vec![world.claims(claims)]).await;
    let lost = (0..5).map(|i| world.decided(i, Partial, 2, &[(1, 6, 0)])).collect();
    world.write(vec![world.claims(lost)]).await;
    let mut conn = world.db.0.acquire().await.unwrap();
    let sound = chain::verify(&mut conn, world.round).await.unwrap();
    assert!(sound.is_sound(), "{sound:?}");
    assert_eq!(sound.events, 10);

    let unlock = "alter table round_events disable trigger all; alter table orders disable trigger all";
    let alterations = [
        (3, "update claims set granted = 12 where chain_n = 3"),
        (3, "update claims set revoked = 6 where chain_n = 3"),
        (3, "update claims set code = 'E14' where chain_n = 3"),
        (3, "update claims set status = 'refused' where chain_n = 3"),
        (3, "update claims set decided_at = decided_at + interval '1 ms' where chain_n = 3"),
        (3, "update claims set store_id = (select store_id from claims where chain_n = 1) where chain_n = 3"),
        (3, "update claims set verdict = replace(verdict, ',6,6,', ',6,5,') where chain_n = 3"),
        (7, "delete from claims where chain_n = 7"),
        (
            3,
            "update order_lines set ordered = 5 where order_id = (select o.id from orders o join claims c using (claim_id) where chain_n = 3)",
        ),
        (3, "update round_events set event = replace(event, ',6,6,', ',6,5,') where n = 3"),
        (3, "update round_events set hash = 'x' where n = 3"),
        (3, "delete from round_events where n = 3"),
        (9, "delete from round_events where n = 10"),
        (10, "update rounds set chain_hash = 'x'"),
    ];
    for (n, alteration) in alterations {
        let mut tx = world.db.0.begin().await.unwrap();
        sqlx::raw_sql(unlock).execute(&mut *tx).await.unwrap();
        sqlx::raw_sql(alteration).execute(&mut *tx).await.unwrap();
        let found = chain::verify(&mut tx, world.round).await.unwrap();
        assert!(found.told.iter().any(|fault| fault.0 == n), "{alteration}: {found:?}");
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn a_log_that_promises_more_than_there_is_has_its_excess_revoked() {
    let world = world().await;
    let mut claims: Vec<_> =
        (0..4).map(|i| world.decided(i, Partial, i.try_into().unwrap(), &[(0, 6, 6), (2, 6, 6)])).collect();
    claims.push(world.decided(4, AllOrNone, 9, &[(0, 6, 6), (2, 60, 60)]));
    let written = world.write(vec![world.claims(claims.clone())]).await;
    assert_eq!((written.claims, written.orders, written.revoked), (5, 4, 3));
    world.assert_books_agree().await;
    assert_eq!(
        world.one::<String>("select string_agg(granted || '-' || revoked, ',' order by chain_n) from claims").await,
        "12-0,12-0,12-6,12-6,66-66"
    );
    assert_eq!(world.one::<i64>("select count(*) from outbox where event->>'t' = 'revoked'").await, 3);
    assert_eq!(world.one::<i64>("select count(*) from outbox where effect->>'effect' = 'release'").await, 3);
    let basket: serde_json::Value =
        world.one("select effect from outbox where effect is not null order by number desc limit 1").await;
    assert_eq!(basket["credit_cents"], 6 * price(0) + 60 * price(2));
    assert_eq!((basket["day"].as_str(), basket["dock_day"].as_str()), (Some("2026-11-23"), Some("2026-11-24")));
    assert_eq!(basket["lines"].as_array().unwrap().len(), 2);
    // Told once, although the log says it again.
    world.write(vec![world.claims(claims)]).await;
    assert_eq!(world.one::<i64>("select count(*) from outbox where event->>'t' = 'revoked'").await, 3);
    let mut conn = world.db.0.acquire().await.unwrap();
    assert!(chain::verify(&mut conn, world.round).await.unwrap().is_sound());
    let board = status::board(&mut conn, world.round).await.unwrap();
    assert_eq!((board.revoked, board.won, board.lines[0].left), (3, 4, 0));
}

#[tokio::test]
async fn what_names_nothing_known_is_set_aside_and_its_neighbours_are_not() {
    let world = world().await;
    let good = world.decided(0, Partial, 1, &[(2, 6, 6)]);
    let mut strange_store = world.decided(1, Partial, 1, &[(2, 6, 6)]);
    strange_store.verdict.store_id = graborder::domain::ids::StoreId::new();
    let mut strange_line = world.decided(1, Partial, 1, &[(2, 6, 6)]);
    strange_line.verdict.lines[0].line_id = graborder::domain::ids::LineId::new();
    let strange_round = What::Claims {
        round_id: graborder::domain::ids::RoundId::new(),
        claims: vec![world.decided(1, Partial, 1, &[(2, 6, 6)])],
    };
    let whats = vec![
        world.claims(vec![world.decided(2, Partial, 1, &[(2, 6, 6)]), strange_store]),
        world.claims(vec![strange_line]),
        strange_round,
        What::Broken("not\0readable".into()),
        world.claims(vec![good]),
    ];
    let written = world.write(whats).await;
    assert_eq!((written.claims, written.dead.len(), written.position.log_n), (1, 4, 5));
    assert_eq!(world.one::<i64>("select count(*) from dead_entries where epoch = 1 and why <> ''").await, 4);
    assert_eq!(world.one::<i64>("select count(*) from claims").await, 1);
    world.assert_books_agree().await;
}
