//! `docs/asyncapi.yaml` as the tests need it: one validator for a direction of the wire, and the names it holds.

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, fs, path::PathBuf};

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn text() -> String {
    fs::read_to_string(root().join("docs/asyncapi.yaml")).expect("docs/asyncapi.yaml")
}

pub fn read() -> Value {
    serde_saphyr::from_str(&text()).expect("good YAML")
}

/// Checks frames against the schema of a direction, `In` or `Out`, and lets nothing pass that the document does not
/// name. The document itself leaves `Out` open, because clients must bear new fields; these tests must not.
pub fn validator(document: &Value, direction: &str) -> Validator {
    let schemas = closed(&document["components"]["schemas"]);
    let schema = json!({
        "components": { "schemas": schemas },
        "allOf": [{ "$ref": format!("#/components/schemas/{direction}") }],
        "unevaluatedProperties": false,
    });
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(&schema)
        .expect("good schemas")
}

/// A schema is closed where it is used, not where it is defined: several may describe one object together.
fn closed(schema: &Value) -> Value {
    let shut = |schema: &Value| json!({ "allOf": [closed(schema)], "unevaluatedProperties": false });
    match schema {
        Value::Object(keywords) => {
            let close = |(keyword, value): (&String, &Value)| {
                let value = match (keyword.as_str(), value) {
                    ("properties", Value::Object(named)) => {
                        Value::Object(named.iter().map(|(name, schema)| (name.clone(), shut(schema))).collect())
                    }
                    ("items" | "additionalProperties", Value::Object(_)) => shut(value),
                    _ => closed(value),
                };
                (keyword.clone(), value)
            };
            Value::Object(keywords.iter().map(close).collect::<Map<_, _>>())
        }
        Value::Array(branches) => branches.iter().map(closed).collect(),
        plain => plain.clone(),
    }
}

/// The types of frames that an operation carries: `listen` or `tell`.
pub fn messages(document: &Value, operation: &str) -> Vec<String> {
    let messages = document["operations"][operation]["messages"].as_array().expect("messages");
    let name =
        |message: &Value| message["$ref"].as_str().and_then(|path| path.rsplit('/').next()).expect("$ref").to_owned();
    messages.iter().map(name).collect()
}

/// The values of an enum in `components.schemas`.
pub fn values(document: &Value, schema: &str) -> BTreeSet<String> {
    let values = document["components"]["schemas"][schema]["enum"].as_array().unwrap_or_else(|| panic!("{schema}"));
    values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect()
}

/// Every place below `components.schemas` that describes an object's fields, as JSON pointers.
pub fn places(document: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(keywords) => {
                if keywords.contains_key("properties") {
                    found.push(at.to_owned());
                }
                for (keyword, value) in keywords {
                    walk(value, &format!("{at}/{keyword}"), found);
                }
            }
            Value::Array(branches) => {
                for (n, branch) in branches.iter().enumerate() {
                    walk(branch, &format!("{at}/{n}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(&document["components"]["schemas"], "/components/schemas", &mut found);
    found
}
