//! Arguments and stored values that nobody should send or store: each script says so and changes nothing.

use super::{
    bed::{Bed, EPOCH},
    loads::load_keys,
    raw::{self, Script},
    world::{self, claim},
};
use graborder::{
    domain::{
        claim::{ClaimMode::Partial, VerdictStatus},
        round::RoundState,
    },
    hot::SnapshotRound,
};

/// What must never pass for a number.
const NO_NUMBERS: [&str; 16] = [
    "",
    "NaN",
    "nan",
    "inf",
    "-inf",
    "1.5",
    "-2",
    "0x10",
    "1e3",
    " 1",
    "1 ",
    "9007199254740993",
    "99999999999999999999",
    "1|2",
    "1;2",
    "\u{0}",
];

struct Attempt<'a> {
    bed: &'a mut Bed,
    script: Script,
    keys: Vec<String>,
}

impl Attempt<'_> {
    /// Each of these places takes each of these values, one at a time: the reply is `corrupt` and nothing changed.
    async fn spoil(&mut self, arguments: &[&str], places: &[usize], values: &[&str]) {
        let before = self.bed.raw.dump().await;
        for place in places {
            for value in values {
                let mut spoilt = arguments.to_vec();
                spoilt[*place] = value;
                let reply = self.bed.raw.eval(self.script, &self.keys, &spoilt).await.unwrap();
                assert_eq!(reply[0], "corrupt", "{spoilt:?} gave {reply:?}");
            }
        }
        assert_eq!(self.bed.raw.dump().await, before, "{arguments:?}");
    }
}

async fn bed(change: impl FnOnce(&mut SnapshotRound)) -> (Bed, SnapshotRound) {
    let mut world = world::round(2, 1, Bed::bare().await.now_ms().await);
    change(&mut world);
    (Bed::with(vec![world.clone()]).await, world)
}

fn claim_keys(bed: &Bed, world: &SnapshotRound) -> Vec<String> {
    let mut keys = load_keys(bed, world);
    keys.push(bed.pool.keys().log(EPOCH));
    keys
}

#[tokio::test]
async fn a_malformed_claim_is_no_claim_and_does_not_harm_its_neighbours() {
    let (mut bed, world) = bed(|_| ()).await;
    let (keys, round) = (claim_keys(&bed, &world), world.round.round_id.to_string());
    let good = claim(&world.round, 0, Partial, &[6, 6]).packed();
    let line = world.round.lines[0].line_id.to_string();
    let (head, _) = good.split_at(148);
    let mut bad: Vec<String> = NO_NUMBERS.iter().map(|units| format!("{head}{line},{units}")).collect();
    bad.extend(["0", "01", "+6", "10000001", "100000000"].map(|units| format!("{head}{line},{units}")));
    bad.push(format!("{head}{line},6;{line},6"));
    bad.push(format!("{head}{line},6;"));
    bad.push(format!("{head};{line},6"));
    bad.push(format!("{head}{line}"));
    bad.push(format!("{head}{line},6,"));
    bad.push(format!("{head}{line},6|"));
    bad.push(format!("{head}{line},6;{},6;{line},6", world.round.lines[1].line_id));
    bad.push(head.to_owned());
    bad.push(String::new());
    bad.push(good.replacen('|', ";", 1));
    bad.push(format!("{}|{}", &good[..35], &good[36..]));
    bad.push(format!("{}\n{}", &good[..35], &good[36..]));
    bad.push(format!("{}\n{}", &good[..115], &good[116..]));
    bad.push(good.replace("|P|", "|X|"));
    bad.push(good.replace("|P|", "||"));
    bad.extend(NO_NUMBERS.map(|version| good.replace("|P|1|", &format!("|P|{version}|"))));
    bad.push(good.replace("|P|1|", "|P|"));
    let many: Vec<String> = (0..21).map(|n| format!("{n:036},6")).collect();
    bad.push(format!("{head}{}", many.join(";")));

    let before = bed.raw.dump().await;
    for text in &bad {
        let arguments = ["1", &round, "9000000000000", "10", text.as_str(), text.as_str()];
        let reply = bed.raw.eval(raw::CLAIM, &keys, &arguments).await.unwrap();
        assert_eq!(reply[2..], ["N", "E20", "N", "E20"], "{text:?}");
    }
    assert_eq!(bed.raw.dump().await, before);
    for text in &bad {
        let fresh = claim(&world.round, 0, Partial, &[6]).packed();
        let reply =
            bed.raw.eval(raw::CLAIM, &keys, &["1", &round, "9000000000000", "1000", text, &fresh, text]).await.unwrap();
        assert_eq!([&reply[2], &reply[4], &reply[6]], ["N", "D", "N"], "{text:?}");
        let verdict = graborder::domain::claim::Verdict::parse(&reply[5]).unwrap();
        assert_eq!(verdict.status, VerdictStatus::Won);
    }
}

#[tokio::test]
async fn the_claim_scripts_own_arguments_are_checked() {
    let (mut bed, world) = bed(|_| ()).await;
    let (keys, round) = (claim_keys(&bed, &world), world.round.round_id.to_string());
    let good = claim(&world.round, 0, Partial, &[6]).packed();
    let mut attempt = Attempt { bed: &mut bed, script: raw::CLAIM, keys };
    attempt.spoil(&["1", &round, "9000000000000", "10", &good], &[2, 3], &NO_NUMBERS).await;
    attempt.spoil(&["1", &round, "9000000000000", "10"], &[], &[]).await;
    let before = attempt.bed.raw.dump().await;
    let keys = attempt.keys.clone();
    for epoch in ["", "NaN", "1.0", "01", "0x1", "2"] {
        let reply =
            attempt.bed.raw.eval(raw::CLAIM, &keys, &[epoch, &round, "9000000000000", "10", &good]).await.unwrap();
        assert_eq!(reply, ["epoch", "1"], "{epoch:?}");
    }
    assert_eq!(
        attempt.bed.raw.eval(raw::CLAIM, &keys, &["1", &round, "9000000000000", "10"]).await.unwrap()[0],
        "corrupt"
    );
    assert_eq!(attempt.bed.raw.dump().await, before);
}

#[tokio::test]
async fn the_intents_arguments_are_checked() {
    let (mut bed, world) = bed(|_| ()).await;
    let round = world.round.round_id.to_string();
    let keys = vec![bed.pool.keys().pool(), bed.pool.keys().round(world.round.round_id), bed.pool.keys().log(EPOCH)];
    for script in [raw::OPEN, raw::PAUSE, raw::RESUME, raw::EXTEND, raw::CLOSE] {
        let mut attempt = Attempt { bed: &mut bed, script, keys: keys.clone() };
        attempt.spoil(&["1", &round, "5", "stop"], &[2], &NO_NUMBERS).await;
    }
    for script in [raw::RESUME, raw::EXTEND] {
        let mut attempt = Attempt { bed: &mut bed, script, keys: keys.clone() };
        attempt.spoil(&["1", &round, "5", "1"], &[3], &NO_NUMBERS).await;
    }
    let mut attempt = Attempt { bed: &mut bed, script: raw::CLOSE, keys: keys.clone() };
    attempt.spoil(&["1", &round, "5", "time"], &[3], &["", "Stop", "now", "time "]).await;
    // A close before the opening is no close.
    let opens_ms = world.round.opens_ms.to_string();
    let mut attempt = Attempt { bed: &mut bed, script: raw::EXTEND, keys };
    attempt.spoil(&["1", &round, "5", "1"], &[3], &["0", &opens_ms]).await;
}

#[tokio::test]
async fn the_effects_arguments_are_checked() {
    let (mut bed, world) = bed(|_| ()).await;
    bed.claim(&[&claim(&world.round, 0, Partial, &[12, 12])]).await;
    let (names, id) = (bed.pool.keys().clone(), world.round.round_id);
    let keys = vec![names.pool(), names.lines(id), names.taken(id), names.counters(), names.suspended(), names.users()];
    let store = world.round.invited[0].store_id.to_string();
    let lines: Vec<String> = world.round.lines.iter().map(|line| line.line_id.to_string()).collect();
    let release =
        ["1", "1", "release", &store, "2026-11-23", "2026-11-19", "2026-11-24", "250", &lines[0], "6", &lines[1], "6"];
    let mut attempt = Attempt { bed: &mut bed, script: raw::RELEASE, keys };
    attempt.spoil(&release, &[1, 7, 9, 11], &NO_NUMBERS).await;
    attempt.spoil(&release, &[2], &["", "Release", "cancel"]).await;
    attempt.spoil(&release, &[3, 8, 10], &["", "x", "-"]).await;
    attempt.spoil(&release, &[4, 5, 6], &["", "2026-11-2", "2026-11-233"]).await;
    attempt.spoil(&release[..11], &[0], &["1"]).await;
    attempt.spoil(&["1", "1", "suspend", &store, "5"], &[1, 4], &NO_NUMBERS).await;
    attempt.spoil(&["1", "1", "suspend"], &[0], &["1"]).await;
    attempt.spoil(&["1", "1", "user", &store, "5"], &[1, 4], &NO_NUMBERS).await;
    attempt.spoil(&["1", "1", "user", &store, "5"], &[4], &["0"]).await;
    attempt.spoil(&["1", "1", "user", &store, "5"], &[3], &["", "x"]).await;
    let pool = names.pool();
    let mut attempt = Attempt { bed: &mut bed, script: raw::WRITTEN, keys: vec![pool] };
    attempt.spoil(&["1", "1"], &[1], &NO_NUMBERS).await;
}

#[tokio::test]
async fn a_loads_fields_are_checked() {
    let (mut bed, _) = bed(|_| ()).await;
    let mut world = world::round(1, 1, 0);
    world.round.state = RoundState::Warming;
    let keys = load_keys(&bed, &world);
    let line = world.round.lines[0].line_id.to_string();
    let store = world.round.invited[0].store_id.to_string();
    assert_eq!(bed.raw.eval(raw::WARM, &keys, &["1", "0", "begin"]).await.unwrap(), ["ok"]);
    let lines = ["1", "0", "lines", &line, "1", "6", "1", "-1", "250", "600", "0"];
    assert_eq!(bed.raw.eval(raw::WARM, &keys, &lines).await.unwrap(), ["ok"]);
    let dates = ["2026-11-23", "2026-11-19", "2026-11-24", "2026-10-14", "2025-10-15"];
    let mut stores = vec!["1", "0", "stores"];
    stores.extend(dates);
    stores.extend([
        "1", &store, "0", "-1", "-1", "-1", "100", "100", "0", "0", "0", "0", "0", "0", "1", "-3", "-1", "60", "0",
    ]);
    let mut end = vec!["1", "0", "end", "1", "1", "WARMING", "1", "2", "0", "0", "0"];
    end.extend(&dates[..3]);
    end.extend(["", ""]);

    let mut attempt = Attempt { bed: &mut bed, script: raw::WARM, keys };
    attempt.spoil(&lines, &[4, 5, 6, 7, 8, 9, 10], &NO_NUMBERS).await;
    attempt.spoil(&lines, &[4], &["0", "21"]).await;
    attempt.spoil(&lines, &[5], &["0"]).await;
    attempt.spoil(&lines, &[8], &["900719926"]).await;
    attempt.spoil(&lines, &[3], &["", "x"]).await;
    attempt.spoil(&lines[..10], &[0], &["1"]).await;
    attempt.spoil(&lines[..3], &[0], &["1"]).await;
    let no_counts: Vec<&str> = NO_NUMBERS.into_iter().filter(|text| *text != "-2").collect();
    attempt.spoil(&stores, &[8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 25, 26], &NO_NUMBERS).await;
    attempt.spoil(&stores, &[23], &no_counts).await;
    attempt.spoil(&stores, &[22], &["2"]).await;
    attempt.spoil(&stores, &[3, 4, 5, 6, 7], &["", "2026-11-2", "2026-11-2x", "d2026-11-23"]).await;
    attempt.spoil(&stores[..26], &[0], &["1"]).await;
    attempt.spoil(&stores[..9], &[0], &["1"]).await;
    attempt.spoil(&end, &[3, 4, 6, 7, 8, 9, 10], &NO_NUMBERS).await;
    attempt.spoil(&end, &[5], &["", "OPEN", "PAUSED", "CLOSED", "warming"]).await;
    attempt.spoil(&end, &[7], &["1", "0"]).await;
    attempt.spoil(&end, &[11, 12, 13], &["", "2026", "2026-11-2x"]).await;
    attempt.spoil(&["1", "0", "begin"], &[1], &NO_NUMBERS).await;
    attempt.spoil(&["1", "0", "begin"], &[2], &["", "BEGIN", "claims"]).await;
    let keys = attempt.keys.clone();
    assert_eq!(bed.raw.eval(raw::WARM, &keys, &stores).await.unwrap(), ["ok"]);
    assert_eq!(bed.raw.eval(raw::WARM, &keys, &end).await.unwrap(), ["ok"]);
}

#[tokio::test]
async fn a_rebuilds_arguments_are_checked() {
    let mut bed = Bed::bare().await;
    let (names, run_id) = (bed.pool.keys().clone(), bed.run_id.clone());
    let keys = vec![names.pool(), names.counters(), names.suspended(), names.users(), names.log(EPOCH)];
    Attempt { bed: &mut bed, script: raw::BEGIN_REBUILD, keys }.spoil(&["1", &run_id], &[0], &NO_NUMBERS).await;
    bed.pool.begin_rebuild(EPOCH, &run_id).await.unwrap();
    let keys = vec![names.pool(), names.log(EPOCH)];
    let mut attempt = Attempt { bed: &mut bed, script: raw::BLESS, keys: keys.clone() };
    attempt.spoil(&["1", &run_id, "0", "0"], &[2, 3], &NO_NUMBERS).await;
    attempt.spoil(&["1", &run_id, "0", "0", "a round without its key"], &[2], &["0"]).await;
    Attempt { bed: &mut bed, script: raw::DROP_LOG, keys }.spoil(&["1"], &[0], &NO_NUMBERS).await;

    let world = world::round(1, 1, 0);
    let keys = load_keys(&bed, &world);
    assert_eq!(bed.raw.eval(raw::REBUILD, &keys, &["1", &run_id, "begin"]).await.unwrap(), ["ok"]);
    let claim = graborder::domain::ids::ClaimId::new().to_string();
    let packed = format!("{}|rest", "0".repeat(32));
    let mut attempt = Attempt { bed: &mut bed, script: raw::REBUILD, keys };
    attempt.spoil(&["1", &run_id, "claims", &claim, &packed], &[3, 4], &["", "x", "a\nb"]).await;
    attempt.spoil(&["1", &run_id, "claims", &claim], &[0], &["1"]).await;
    attempt.spoil(&["1", &run_id, "users", &claim, "2"], &[4], &NO_NUMBERS).await;
    attempt.spoil(&["1", &run_id, "users", &claim, "2"], &[4], &["0"]).await;
    attempt.spoil(&["1", &run_id, "users", &claim, "2"], &[3], &["", "x"]).await;
    attempt.spoil(&["1", &run_id, "users"], &[0], &["1"]).await;
}

#[tokio::test]
async fn stored_values_that_cannot_be_read_stop_the_claim_and_are_left_as_they_are() {
    let (mut bed, world) = bed(|_| ()).await;
    bed.claim(&[&claim(&world.round, 0, Partial, &[6])]).await;
    let (keys, id) = (claim_keys(&bed, &world), world.round.round_id);
    let names = bed.pool.keys().clone();
    let (line, store) = (world.round.lines[0].line_id, world.round.invited[0].store_id.to_string());
    bed.raw.run::<i64>(&["HSET", &names.suspended(), "nobody", "0"]).await;
    bed.raw.run::<i64>(&["HSET", &names.users(), "nobody", "2"]).await;
    let places = [
        (names.pool(), "n".to_owned()),
        (names.pool(), "appended".to_owned()),
        (names.pool(), "written".to_owned()),
        (names.round(id), "state".to_owned()),
        (names.round(id), "opens_ms".to_owned()),
        (names.round(id), "last_ms".to_owned()),
        (names.lines(id), format!("def:{line}")),
        (names.lines(id), format!("left:{line}")),
        (names.lines(id), format!("sold:{line}")),
        (names.invited(id), store.clone()),
        (names.taken(id), store.clone()),
        (names.counters(), store.clone()),
        (names.suspended(), store.clone()),
        (names.users(), world::USER.to_string()),
    ];
    for (key, field) in places {
        let sound: Option<Vec<u8>> = bed.raw.run(&["HGET", &key, &field]).await;
        bed.raw.run::<i64>(&["HSET", &key, &field, "-5x"]).await;
        let before = bed.raw.dump().await;
        let asked = claim(&world.round, 0, Partial, &[6]).packed();
        let reply =
            bed.raw.eval(raw::CLAIM, &keys, &["1", &id.to_string(), "9000000000000", "1000", &asked]).await.unwrap();
        assert_eq!(reply[0], "corrupt", "{key} {field} gave {reply:?}");
        assert_eq!(bed.raw.dump().await, before);
        let mut restore = redis::cmd(if sound.is_some() { "HSET" } else { "HDEL" });
        restore.arg(&key).arg(&field).arg(sound);
        restore.query_async::<i64>(&mut bed.raw.connection).await.unwrap();
    }
    // A key of another type fails before anything is written, the log's too.
    for key in &keys {
        let spare = format!("{key}-spare");
        let exists: i64 = bed.raw.run(&["EXISTS", key]).await;
        if exists == 1 {
            bed.raw.run::<String>(&["RENAME", key, &spare]).await;
        }
        bed.raw.run::<String>(&["SET", key, "text"]).await;
        let before = bed.raw.dump().await;
        let asked = claim(&world.round, 0, Partial, &[6]).packed();
        let reply = bed.raw.eval(raw::CLAIM, &keys, &["1", &id.to_string(), "9000000000000", "1000", &asked]).await;
        assert!(reply.is_err(), "{key} gave {reply:?}");
        assert_eq!(bed.raw.dump().await, before, "{key}");
        bed.raw.run::<i64>(&["DEL", key]).await;
        if exists == 1 {
            bed.raw.run::<String>(&["RENAME", &spare, key]).await;
        }
    }
    bed.claim(&[&claim(&world.round, 0, Partial, &[6])]).await;
}
