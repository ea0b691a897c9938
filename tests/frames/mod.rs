//! The wire, held from three sides: the server's types, the golden frames that the clients test with, and the page
//! `docs/asyncapi.yaml` from which the clients' types are made. What one of them says, all say.

mod document;
mod typescript;
mod values;

mod agreement;
mod names;
mod refusals;

use serde_json::Value;
use std::{collections::BTreeMap, fs};

/// Set, it makes the tests write what they would otherwise compare.
fn rewriting() -> bool {
    #[expect(clippy::disallowed_methods, reason = "a switch of this test alone, not a setting of the program")]
    std::env::var_os("GRABORDER_REWRITE").is_some()
}

fn golden() -> BTreeMap<String, Value> {
    let mut frames = BTreeMap::new();
    for entry in fs::read_dir(document::root().join("tests/golden/frames")).expect("golden frames") {
        let path = entry.expect("entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let frame =
            serde_json::from_str(&fs::read_to_string(&path).expect("text")).unwrap_or_else(|e| panic!("{name}: {e}"));
        frames.insert(name, frame);
    }
    frames
}

fn golden_of(direction: &str) -> BTreeMap<String, Value> {
    golden().into_iter().filter(|(name, _)| name.starts_with(direction)).collect()
}
