//! What the server does not take from a client: everything that the document does not name.

use super::{document, golden, golden_of};
use graborder::{
    domain::{
        claim::Claim,
        ids::{StoreId, UserId},
    },
    protocol::In,
};
use serde_json::{Value, json};

/// Whether the server takes this text as a frame, and as a claim if it is one.
fn taken(text: &str) -> bool {
    match In::read(text) {
        Ok(In::Claim { claim_id, round_id, lines, mode }) => {
            Claim::new(claim_id, round_id, StoreId::new(), UserId::new(), 1, mode, lines).is_some()
        }
        Ok(_) => true,
        Err(_) => false,
    }
}

/// Every frame that differs from this one in one place: a field gone, a field too many, another value.
fn neighbours(value: &Value) -> Vec<Value> {
    const OTHERS: [&str; 12] =
        ["null", "true", "0", "-1", "1.5", "9007199254740993", "1e400", "\"x\"", "\"NaN\"", "[]", "{}", "[[]]"];
    let mut found: Vec<Value> = OTHERS.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let mut less = fields.clone();
                less.remove(name);
                found.push(Value::Object(less));
                let with = |inner| Value::Object(fields.clone().into_iter().chain([(name.clone(), inner)]).collect());
                found.extend(neighbours(inner).into_iter().map(with));
            }
            let more = fields.clone().into_iter().chain([("store_id".to_owned(), json!("x"))]);
            found.push(Value::Object(more.collect()));
            // By place instead of by name; the tag comes first.
            let (tag, others): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| *name == "t");
            found.push(tag.into_iter().chain(others).map(|(_, value)| value.clone()).collect());
        }
        Value::Array(items) => {
            for (n, inner) in items.iter().enumerate() {
                let with = |inner| {
                    items.iter().enumerate().map(|(m, item)| if m == n { &inner } else { item }.clone()).collect()
                };
                found.extend(neighbours(inner).into_iter().map(with));
            }
        }
        _ => {}
    }
    found
}

#[test]
fn a_frame_with_one_field_wrong_missing_or_too_many_is_refused_as_the_document_says() {
    let validator = document::validator(&document::read(), "In");
    let (mut good, mut bad) = (0, 0);
    for (name, frame) in golden_of("in-") {
        for neighbour in neighbours(&frame) {
            // The one thing that is taken beyond the document: no resume may also be spelt out.
            if neighbour.get("resume") == Some(&Value::Null) {
                assert!(taken(&neighbour.to_string()));
                continue;
            }
            let documented = validator.is_valid(&neighbour);
            assert_eq!(taken(&neighbour.to_string()), documented, "{name}: {neighbour}");
            if documented { good += 1 } else { bad += 1 }
        }
    }
    assert!(good > 10 && bad > 400, "{good} neighbours are good, {bad} are not");
}

/// Every text of this value in which one field stands twice.
fn doubled(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let written = |name: &str, inner: &str| format!("{}:{inner}", json!(name));
            let plain: Vec<String> = fields.iter().map(|(name, inner)| written(name, &inner.to_string())).collect();
            let twice = plain.iter().map(|field| format!("{{{field},{}}}", plain.join(",")));
            let deeper = fields.iter().enumerate().flat_map(|(n, (name, inner))| {
                let plain = &plain;
                doubled(inner).into_iter().map(move |text| {
                    let mut fields = plain.clone();
                    fields[n] = written(name, &text);
                    format!("{{{}}}", fields.join(","))
                })
            });
            twice.chain(deeper).collect()
        }
        Value::Array(items) => {
            items.first().map(doubled).into_iter().flatten().map(|text| format!("[{text}]")).collect()
        }
        _ => vec![],
    }
}

#[test]
fn a_doubled_field_is_refused_wherever_it_stands() {
    for (name, frame) in golden_of("in-") {
        assert!(taken(&frame.to_string()), "{name}");
        let texts = doubled(&frame);
        assert!(texts.len() >= 2);
        for text in texts {
            assert!(!taken(&text), "{text}");
        }
    }
}

#[test]
fn a_quantity_is_a_plain_whole_number_in_bounds() {
    let claim = golden()["in-claim-all-or-none"].to_string();
    let with = |qty: &str| claim.replace(":24", &format!(":{qty}"));
    assert!(taken(&with("24")) && taken(&with("10000000")));
    for qty in
        ["0", "-1", "1.5", "24.0", "1e3", "NaN", "Infinity", "9007199254740993", "1e400", "\"24\"", "024", "10000001"]
    {
        assert!(!taken(&with(qty)), "{qty}");
    }
}
