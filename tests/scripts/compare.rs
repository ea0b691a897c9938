//! Whether what stands in Redis is what the model holds, to the last field.

use super::{
    bed::Bed,
    dump::{self, Dump},
    model::{Counter, Model},
};
use graborder::{
    domain::{
        claim::Verdict,
        ids::{LineId, StoreId, UserId},
        round::RoundState,
    },
    hot::{Latch, PoolHead},
    stream::{EntryKind, LogReader},
};
use std::collections::{BTreeMap, HashMap};

pub async fn all(bed: &mut Bed, model: &Model) {
    let head = bed.pool.head().await.unwrap();
    let expected = PoolHead {
        run_id: Some(bed.run_id.clone()),
        epoch: model.epoch,
        n: model.n,
        appended: model.appended,
        written: model.written,
        applied_no: model.applied_no,
        building_epoch: None,
    };
    assert_eq!(head, expected);
    let dump = bed.raw.dump().await;
    counters(bed, &dump, model);
    for round in model.rounds.values() {
        let id = round.told.round_id;
        let head = bed.pool.round(model.epoch, id).await.unwrap().unwrap();
        assert_eq!(
            (head.state, head.closes_ms, head.shift_ms, head.intent_no),
            (round.state, round.closes_ms, round.shift_ms, round.intent_no)
        );
        assert_eq!(head.paused, round.latch.map(|(pause_no, paused_ms)| Latch { pause_no, paused_ms }));
        let key = bed.pool.keys().round(id);
        assert_eq!(bed.raw.number(&key, "last_ms").await, Some(round.last_ms));
        assert_eq!(bed.raw.number(&key, "closed_ms").await, round.closed_ms);
        assert_eq!(bed.raw.number(&key, "pause_no").await.is_some(), head.state == RoundState::Paused);

        let keys = bed.pool.keys();
        let lines = at(bed, &dump, &keys.lines(id));
        for line in round.lines.values() {
            let field = |name: &str| {
                String::from_utf8(lines[&format!("{name}:{}", line.told.line_id)].clone())
                    .unwrap()
                    .parse::<i64>()
                    .unwrap()
            };
            assert_eq!((field("left"), field("sold")), (line.left, line.sold_ms), "{}", line.told.line_id);
        }
        let mut order: Vec<LineId> = round.lines.keys().copied().collect();
        order.sort();
        for store in &round.told.invited {
            let of = [None].into_iter().chain(order.iter().copied().map(Some));
            let expected: Vec<i64> =
                of.map(|line| round.taken.get(&(store.store_id, line)).copied().unwrap_or(0)).collect();
            let record = at(bed, &dump, &keys.taken(id)).remove(&store.store_id.to_string());
            let stands = record.map_or_else(|| vec![0; expected.len()], |record| dump::numbers(&record));
            assert_eq!(stands, expected, "taken by {}", store.store_id);
        }
        let claims: HashMap<_, _> = at(bed, &dump, &keys.claims(id))
            .into_iter()
            .map(|(claim, packed)| {
                (claim.parse().unwrap(), Verdict::parse(&String::from_utf8(packed).unwrap()).unwrap())
            })
            .collect();
        assert_eq!(claims, round.claims);
    }
}

fn counters(bed: &Bed, dump: &Dump, model: &Model) {
    let mut stands = BTreeMap::new();
    for (store, record) in at(bed, dump, &bed.pool.keys().counters()) {
        let store: StoreId = store.parse().unwrap();
        let (credit_cents, used) = dump::counters(&record);
        stands.insert((store, Counter::Credit), credit_cents);
        for (key, units) in used {
            let (kind, date) = key.split_at(1);
            let counter = match kind {
                "d" => Counter::Day(date.to_owned()),
                "p" => Counter::Period(date.to_owned()),
                "k" => Counter::Dock(date.to_owned()),
                other => panic!("a counter of kind {other}"),
            };
            assert_eq!(stands.insert((store, counter), units), None, "{key} stands twice");
        }
    }
    assert_eq!(stands, model.counters);
    let suspended = at(bed, dump, &bed.pool.keys().suspended());
    let suspended: BTreeMap<StoreId, i64> = suspended
        .into_iter()
        .map(|(store, until)| (store.parse().unwrap(), String::from_utf8(until).unwrap().parse().unwrap()))
        .collect();
    assert_eq!(suspended, model.suspended);
    let users = at(bed, dump, &bed.pool.keys().users());
    let users: BTreeMap<UserId, i64> = users
        .into_iter()
        .map(|(user, version)| (user.parse().unwrap(), String::from_utf8(version).unwrap().parse().unwrap()))
        .collect();
    assert_eq!(users, model.users);
}

fn at(bed: &Bed, dump: &Dump, key: &str) -> BTreeMap<String, Vec<u8>> {
    dump.get(&key[bed.raw.prefix.len() + 1..]).cloned().unwrap_or_default()
}

/// The log alone, read from its beginning, gives every verdict and what was granted of every line.
pub async fn log(bed: &Bed, model: &Model) {
    let entries = LogReader::new(&bed.pool, model.epoch).read("0-0", 1_000_000, 0).await.unwrap();
    let mut n = 0;
    let mut verdicts = HashMap::new();
    for entry in entries {
        n += 1;
        assert_eq!(entry.n, Some(n));
        match entry.kind {
            EntryKind::Claims { round_id, at_ms, decisions } => {
                for (claim, _, verdict) in decisions {
                    assert_eq!((verdict.n, verdict.decided_ms, verdict.epoch), (n, at_ms, model.epoch));
                    assert_eq!(verdicts.insert((round_id, claim), verdict), None, "decided twice");
                }
            }
            EntryKind::Broken { why } => panic!("entry {n}: {why}"),
            _ => {}
        }
    }
    assert_eq!(n, model.n);
    assert_eq!(verdicts.len(), usize::try_from(model.appended).unwrap());
    for (id, round) in &model.rounds {
        for line in round.lines.values() {
            let granted = verdicts.iter().filter(|((round, _), _)| round == id).flat_map(|(_, verdict)| &verdict.lines);
            let granted: i64 = granted.filter(|own| own.line_id == line.told.line_id).map(|own| own.granted).sum();
            assert_eq!(line.told.left, line.left + granted, "offered is left and granted");
        }
        for (claim, verdict) in &round.claims {
            assert_eq!(verdicts.get(&(*id, *claim)), Some(verdict));
        }
    }
}
