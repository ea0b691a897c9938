//! What every door has in common, said once: whom it asks to sign in, and with which problems it may answer. A handler
//! describes only what is its own.

use crate::auth::doors::{DOORS, Door, Who};
use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const BELOW: &str = "/api/v1";

/// Adds to a description what its handlers left unsaid.
pub fn complete(description: &mut Value) {
    let Some(paths) = description["paths"].as_object_mut() else { return };
    for (path, item) in paths {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                door(is_open(method, path), operation);
            }
        }
    }
    if let Some(schemas) = description["components"]["schemas"].as_object_mut() {
        for schema in schemas.values_mut() {
            no_text_is_empty(schema);
            flattened_may_be_absent(schema);
        }
    }
}

/// Whether a door asks for no token: what is tried there is tried by anybody.
pub fn is_open(method: &str, path: &str) -> bool {
    let known = |door: &&Door| method.eq_ignore_ascii_case(door.method) && path.strip_prefix(BELOW) == Some(door.path);
    DOORS.iter().find(known).is_some_and(|door| door.who == Who::Anybody)
}

fn door(is_open: bool, operation: &mut Map<String, Value>) {
    if is_open {
        operation.insert("security".to_owned(), json!([]));
    }
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    let mut places = Vec::new();
    for parameter in parameters.into_iter().flatten() {
        let is_id = parameter["name"].as_str().is_some_and(|name| name.ends_with("_id"));
        if is_id {
            parameter["schema"]["format"] = json!("uuid");
        }
        no_text_is_empty(&mut parameter["schema"]);
        places.extend(parameter["in"].as_str().map(str::to_owned));
    }
    let has = |place: &str| places.iter().any(|one| one == place);
    let has_body = operation.contains_key("requestBody");
    let mut statuses = vec![405, 429, 503];
    statuses.extend(if is_open { &[][..] } else { &[401, 403] });
    statuses.extend(if has("path") { &[404][..] } else { &[] });
    statuses.extend(if has("query") { &[414, 422][..] } else { &[] });
    statuses.extend(if has_body { &[408, 413, 415, 422][..] } else { &[] });
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    for status in statuses {
        let known = &mut responses[status.to_string()];
        if known.is_null() {
            *known = json!({"description": ""});
        }
    }
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        let Some(status) = status.parse().ok().and_then(|status| StatusCode::from_u16(status).ok()) else { continue };
        if response["description"].as_str().is_none_or(str::is_empty) {
            response["description"] = json!(status.canonical_reason().unwrap_or_default());
        }
        if status.as_u16() >= 400 {
            let problem = json!({"schema": {"$ref": "#/components/schemas/ProblemBody"}});
            response["content"] = json!({"application/problem+json": problem});
        }
    }
}

/// A text that may have so many characters has one at least.
fn no_text_is_empty(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => {
            if keywords.contains_key("maxLength") && !keywords.contains_key("minLength") {
                keywords.insert("minLength".to_owned(), json!(1));
            }
            keywords.values_mut().for_each(no_text_is_empty);
        }
        Value::Array(parts) => parts.iter_mut().for_each(no_text_is_empty),
        _ => {}
    }
}

/// Fields of an optional part that stand among the others: there or not, and never null as a whole.
fn flattened_may_be_absent(schema: &mut Value) {
    let null = json!({"type": "null"});
    for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(choices) = part.get_mut("oneOf").and_then(Value::as_array_mut) else { continue };
        if let [present, absent] = choices.as_mut_slice()
            && *absent == null
        {
            *absent = json!({"type": "object", "not": present});
        }
    }
}
