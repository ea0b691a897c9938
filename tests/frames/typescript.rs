//! The clients' types, made from `components.schemas`. A keyword that this page does not know is an error: a type that
//! says less than the schema would be a silent gap.

use super::document;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;
use std::{collections::BTreeMap, fmt, marker::PhantomData};

const HEAD: &str = "\
// Made from docs/asyncapi.yaml, which the server's tests hold against its types: do not edit. To make it again:
// GRABORDER_REWRITE=1 cargo test --test integration frames
";
/// Keywords that narrow a value further than a type can say.
const NARROWING: [&str; 6] = ["format", "minimum", "maximum", "minItems", "maxItems", "maxLength"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    description: Option<String>,
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(rename = "const")]
    constant: Option<Value>,
    #[serde(rename = "enum")]
    values: Option<Vec<Value>>,
    properties: Option<Ordered<Schema>>,
    #[serde(default)]
    required: Vec<String>,
    items: Option<Box<Schema>>,
    one_of: Option<Vec<Schema>>,
    all_of: Option<Vec<Schema>>,
    not: Option<Box<Schema>>,
    additional_properties: Option<Additional>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Additional {
    Allowed(bool),
    Each(Box<Schema>),
}

/// A mapping in the order of the page.
struct Ordered<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Ordered<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

#[derive(Deserialize)]
struct Document {
    components: Components,
}

#[derive(Deserialize)]
struct Components {
    schemas: Ordered<Schema>,
}

/// The whole file.
pub fn made() -> String {
    let Document { components } = serde_saphyr::from_str(&document::text()).expect("schemas this page understands");
    let types: String = components.schemas.0.iter().map(|(name, schema)| declaration(name, schema)).collect();
    format!("{HEAD}{}{types}", constants(&document::read()))
}

fn constants(document: &Value) -> String {
    let socket = &document["channels"]["socket"];
    let quoted = |name: &String| format!("'{name}'");
    let closes = socket["x-close-codes"].as_array().expect("x-close-codes").iter();
    let close = |entry: &Value| {
        let name = camel(entry["name"].as_str().expect("name"));
        format!("  /** {} */\n  {name}: {},\n", entry["then"].as_str().expect("then"), entry["code"])
    };
    format!(
        "\nexport const SUBPROTOCOL = {};\n\n\
         /** Types of frames that the server sends. */\nexport const OUT_TYPES = [\n  {},\n] as const satisfies readonly Out['t'][];\n\n\
         /** What a close code asks of the client. */\nexport const CLOSE = {{\n{}}} as const;\n",
        quoted(&socket["x-subprotocol"].as_str().expect("x-subprotocol").to_owned()),
        document::messages(document, "tell").iter().map(quoted).collect::<Vec<_>>().join(", "),
        closes.map(close).collect::<String>(),
    )
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

fn declaration(name: &str, schema: &Schema) -> String {
    let comment = comment(schema, "");
    match (&schema.properties, &schema.one_of) {
        (Some(_), _) => format!("\n{comment}export interface {name} {{\n{}}}\n", fields(schema)),
        (None, Some(branches)) => {
            let branch = |branch: &Schema| format!("{}  | {}\n", self::comment(branch, "  "), expression(branch));
            let branches: String = branches.iter().map(branch).collect();
            format!("\n{comment}export type {name} =\n{};\n", branches.trim_end())
        }
        (None, None) => format!("\n{comment}export type {name} = {};\n", expression(schema)),
    }
}

fn fields(schema: &Schema) -> String {
    let field =
        |(name, value): &(String, Schema)| format!("{}  {};\n", comment(value, "  "), member(schema, name, value));
    schema.properties.iter().flat_map(|properties| &properties.0).map(field).collect()
}

fn member(schema: &Schema, name: &str, value: &Schema) -> String {
    let optional = if schema.required.iter().any(|required| required == name) { "" } else { "?" };
    format!("{name}{optional}: {}", expression(value))
}

fn comment(schema: &Schema, indent: &str) -> String {
    schema.description.as_ref().map(|text| format!("{indent}/** {} */\n", text.trim())).unwrap_or_default()
}

fn expression(schema: &Schema) -> String {
    for keyword in schema.rest.keys() {
        assert!(NARROWING.contains(&keyword.as_str()), "no type is known for the keyword {keyword}");
    }
    let joined = |schemas: &[Schema], by: &str| schemas.iter().map(expression).collect::<Vec<_>>().join(by);
    if let Some(reference) = &schema.reference {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(constant) = &schema.constant {
        return literal(constant);
    }
    if let Some(values) = &schema.values {
        return values.iter().map(literal).collect::<Vec<_>>().join(" | ");
    }
    if let Some(branches) = &schema.one_of {
        return joined(branches, " | ");
    }
    if let Some(parts) = &schema.all_of {
        return joined(parts, " & ");
    }
    if schema.not.is_some() {
        return "undefined".to_owned();
    }
    match (schema.kind.as_deref(), &schema.items, &schema.properties, &schema.additional_properties) {
        (Some("string"), ..) => "string".to_owned(),
        (Some("integer" | "number"), ..) => "number".to_owned(),
        (Some("boolean"), ..) => "boolean".to_owned(),
        (Some("array"), Some(items), ..) => format!("{}[]", expression(items)),
        (Some("object"), None, Some(properties), None | Some(Additional::Allowed(false)))
            if properties.0.is_empty() =>
        {
            "Record<string, never>".to_owned()
        }
        (Some("object"), None, Some(properties), None | Some(Additional::Allowed(false))) => {
            let members = properties.0.iter().map(|(name, value)| member(schema, name, value));
            format!("{{ {} }}", members.collect::<Vec<_>>().join("; "))
        }
        (Some("object"), None, None, Some(Additional::Each(each))) => format!("Record<string, {}>", expression(each)),
        (kind, ..) => panic!("no type is known for a schema of type {kind:?}"),
    }
}

fn literal(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| format!("'{text}'"))
}
