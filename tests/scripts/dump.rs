//! Everything that a pool has in Redis, taken apart, so that two moments can be compared.

use super::raw::Raw;
use std::collections::BTreeMap;

/// Key without the prefix → its fields, or its entries in order.
pub type Dump = BTreeMap<String, BTreeMap<String, Vec<u8>>>;

impl Raw {
    pub async fn dump(&mut self) -> Dump {
        let keys: Vec<String> = self.run(&["KEYS", &format!("{}:*", self.prefix)]).await;
        let mut dump = Dump::new();
        for key in keys {
            let kind: String = self.run(&["TYPE", &key]).await;
            let content = match kind.as_str() {
                "hash" => self.run::<BTreeMap<String, Vec<u8>>>(&["HGETALL", &key]).await,
                "stream" => {
                    let entries: Vec<(String, Vec<Vec<u8>>)> = self.run(&["XRANGE", &key, "-", "+"]).await;
                    entries.into_iter().map(|(id, words)| (id, words.join(&b'\n'))).collect()
                }
                other => BTreeMap::from([(other.to_owned(), Vec::new())]),
            };
            dump.insert(key[self.prefix.len() + 1..].to_owned(), content);
        }
        dump
    }
}

/// A record's doubles as whole numbers.
pub fn numbers(record: &[u8]) -> Vec<i64> {
    let (eights, rest) = record.as_chunks::<8>();
    assert!(rest.is_empty(), "a record of {} bytes", record.len());
    eights.iter().map(|bytes| whole(f64::from_le_bytes(*bytes))).collect()
}

/// Credit, then what was used by the key of its date.
pub fn counters(record: &[u8]) -> (i64, BTreeMap<String, i64>) {
    let (credit, entries) = record.split_first_chunk::<8>().unwrap();
    let (entries, rest) = entries.as_chunks::<19>();
    assert!(rest.is_empty(), "a record of {} bytes", record.len());
    let entry = |bytes: &[u8; 19]| {
        let (key, number) = bytes.split_first_chunk::<11>().unwrap();
        (String::from_utf8(key.to_vec()).unwrap(), whole(f64::from_le_bytes(number.try_into().unwrap())))
    };
    (whole(f64::from_le_bytes(*credit)), entries.iter().map(entry).collect())
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be a whole number that a double holds exactly")]
fn whole(number: f64) -> i64 {
    assert!(number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0, "{number}");
    number as i64
}
