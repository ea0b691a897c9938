//! Types, golden frames and document agree to the field.

use super::{document, golden, golden_of, rewriting, typescript, values};
use graborder::protocol::In;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

#[test]
fn what_the_server_says_is_the_golden_frame_to_the_field() {
    let folder = document::root().join("tests/golden/frames");
    let mut said = BTreeMap::new();
    for (name, text) in values::outbound() {
        let frame: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(text.len(), frame.to_string().len(), "{name} says a field twice");
        assert!(said.insert(name.clone(), frame).is_none(), "{name} is made twice");
    }
    if rewriting() {
        let kept = golden();
        for (name, frame) in said.iter().filter(|(name, frame)| kept.get(*name) != Some(*frame)) {
            let pretty = serde_json::to_string_pretty(frame).expect("JSON") + "\n";
            fs::write(folder.join(format!("{name}.json")), pretty).expect("written");
        }
    }
    let golden = golden_of("out-");
    assert_eq!(golden.keys().collect::<Vec<_>>(), said.keys().collect::<Vec<_>>());
    for (name, frame) in said {
        assert_eq!(golden[&name], frame, "{name}");
    }
}

#[test]
fn what_a_client_says_is_understood_to_the_field() {
    let golden = golden_of("in-");
    let understood = values::inbound();
    assert_eq!(golden.keys().collect::<BTreeSet<_>>().len(), understood.len());
    for (name, frame) in understood {
        assert_eq!(In::read(&golden[name].to_string()).expect(name), frame, "{name}");
    }
}

#[test]
fn every_golden_frame_is_as_the_document_says() {
    let document = document::read();
    for (direction, prefix) in [("In", "in-"), ("Out", "out-")] {
        let validator = document::validator(&document, direction);
        for (name, frame) in golden_of(prefix) {
            let wrong: Vec<String> = validator.iter_errors(&frame).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{name}: {wrong:?}");
        }
    }
}

#[test]
fn every_field_of_the_document_is_said_and_every_optional_one_is_left_out_somewhere() {
    let document = document::read();
    let golden = golden();
    let noticed = |document: &Value| {
        let (inbound, outbound) = (document::validator(document, "In"), document::validator(document, "Out"));
        golden.iter().any(|(name, frame)| !(if name.starts_with("in-") { &inbound } else { &outbound }).is_valid(frame))
    };
    for place in document::places(&document) {
        let schema = document.pointer(&place).expect("place");
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (field, value) in schema["properties"].as_object().expect("fields") {
            if value["not"].is_object() {
                continue;
            }
            let mut changed = document.clone();
            let schema = changed.pointer_mut(&place).expect("place");
            if required.contains(&field.as_str()) {
                schema["properties"].as_object_mut().expect("fields").remove(field);
                assert!(noticed(&changed), "{place}: nobody says {field}");
            } else {
                schema["required"] = json!([required.as_slice(), &[field.as_str()]].concat());
                assert!(noticed(&changed), "{place}: {field} is never left out");
                let mut changed = document.clone();
                let schema = changed.pointer_mut(&place).expect("place");
                schema["properties"].as_object_mut().expect("fields").remove(field);
                assert!(noticed(&changed), "{place}: nobody says {field}");
            }
        }
    }
}

#[test]
fn every_example_of_the_document_is_the_golden_frame_of_its_name() {
    let document = document::read();
    let golden = golden();
    for (message, content) in document["components"]["messages"].as_object().expect("messages") {
        let examples = content["examples"].as_array().unwrap_or_else(|| panic!("{message} has no example"));
        for example in examples {
            let name = example["name"].as_str().expect("name");
            assert_eq!(Some(&example["payload"]), golden.get(name), "{name}");
            assert_eq!(example["payload"]["t"], message.as_str());
        }
    }
}

#[test]
fn the_types_of_the_clients_are_made_from_this_document() {
    let path = document::root().join("clients/core/src/frames.generated.ts");
    let made = typescript::made();
    if rewriting() {
        fs::write(&path, &made).expect("written");
    }
    let kept = fs::read_to_string(&path).expect("frames.generated.ts");
    assert!(kept == made, "frames.generated.ts is old: run this test with GRABORDER_REWRITE=1");
}
