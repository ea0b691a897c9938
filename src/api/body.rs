//! A JSON body, read once and strictly: bounded in size, each field known and named once, each value of its type.
//! What is wrong is told with its place. The values themselves are never repeated: one of them may be a password.

use super::values::WHOLE_NUMBER_FROM;
use super::{
    problem::{Kind, Problem},
    words::Words,
};
use crate::domain::named::Named;
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web::BytesMut};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::Segment;
use std::{future::Future, pin::Pin, time::Duration};
use tokio::time::timeout;

/// Who takes longer for a few KiB holds a connection, and sends nothing.
const BODY_TIME: Duration = Duration::from_secs(10);

/// A body of at most `KIB` KiB.
#[derive(Debug)]
pub struct Body<T, const KIB: usize = 16>(pub T);

impl<T: DeserializeOwned + 'static, const KIB: usize> FromRequest for Body<T, KIB> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (plain, payload) = (is_plain_json(req), payload.take());
        Box::pin(async move {
            if !plain {
                return Err(Kind::NotJson.into());
            }
            let bytes = timeout(BODY_TIME, read(payload, KIB * 1024)).await.map_err(|_| Kind::CutShort)??;
            parse(&bytes).map(Self)
        })
    }
}

/// JSON is UTF-8 by definition, and a compressed body could be a bomb.
fn is_plain_json(req: &HttpRequest) -> bool {
    let text = |name| req.headers().get(name).map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase());
    let content_type = text(header::CONTENT_TYPE).unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    parts.next() == Some("application/json")
        && parts.all(|part| part == "charset=utf-8" || part == "charset=\"utf-8\"")
        && text(header::CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity")
}

async fn read(mut payload: Payload, bytes_max: usize) -> Result<BytesMut, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            Problem::invalid("", Words::fixed("内容没有传完。", "The body ended too early.")).because(error)
        })?;
        if bytes.len() + chunk.len() > bytes_max {
            return Err(Kind::TooLarge.into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let Named(value) = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, inner) = (error.path().clone(), error.into_inner());
        let (name, detail) = sentence(&inner);
        let mut pointer = pointer_to(&path);
        // The path of a missing or unknown field ends at the object that should, or should not, have it.
        if let Some(name) = name
            && !pointer.ends_with(&format!("/{name}"))
        {
            pointer = format!("{pointer}/{name}");
        }
        Problem::invalid(pointer, detail)
    })?;
    json.end().map_err(|_| {
        Problem::invalid("", Words::fixed("JSON 后面还有别的内容。", "Something follows the JSON value."))
    })?;
    Ok(value)
}

fn pointer_to(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escaped(key))),
            Segment::Enum { variant } => pointer.push_str(&format!("/{}", escaped(variant))),
            Segment::Unknown => break,
        }
    }
    pointer
}

/// As RFC 6901 has it, and not longer than a name can sensibly be.
fn escaped(name: &str) -> String {
    name.chars().take(64).collect::<String>().replace('~', "~0").replace('/', "~1")
}

/// The field that is meant, when the path does not name it, and the sentence.
fn sentence(error: &serde_json::Error) -> (Option<String>, Words) {
    let message = error.to_string();
    if let Some(words) = Words::unpacked(&message) {
        return (None, words);
    }
    if error.classify() != Category::Data {
        return (None, Words::fixed("这里不是合法的 JSON。", "This is not valid JSON."));
    }
    let named = message.split('`').nth(1).map(escaped);
    if message.starts_with("missing field") {
        return (named, Words::fixed("缺少这个字段。", "This field is missing."));
    }
    if message.starts_with("unknown field") {
        return (named, Words::fixed("没有这个字段，请去掉。", "There is no such field: leave it out."));
    }
    if message.starts_with("duplicate field") {
        return (named, Words::fixed("这个字段出现了两次。", "This field stands there twice."));
    }
    // A string where a number belongs never reaches the number's own reader; the range stands in serde's sentence.
    let range = message.split(WHOLE_NUMBER_FROM).nth(1).and_then(|rest| {
        let mut words = rest.split(' ');
        Some((words.next()?, words.nth(1)?))
    });
    if let Some((min, max)) = range {
        return (None, Words::whole_number(min, max));
    }
    (None, Words::fixed("这里的类型或写法不对。", "This has the wrong type or form."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::values::Int, domain::lang::Lang};
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only its reading is tested")]
        lines: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only its reading is tested")]
        qty: Int<1, 100>,
    }

    fn told(json: &str) -> (String, String) {
        let problem = parse::<Outer>(json.as_bytes()).expect_err("is refused");
        let error = &problem.errors()[0];
        (error.pointer.clone(), error.detail.in_lang(Lang::En).to_owned())
    }

    #[test]
    fn whatever_is_wrong_is_told_with_its_place() {
        assert!(parse::<Outer>(br#"{"lines": [{"qty": 100}]}"#).is_ok());
        for (qty, pointer) in [
            ("0", "/lines/0/qty"),
            ("-1", "/lines/0/qty"),
            ("1.5", "/lines/0/qty"),
            ("1.0", "/lines/0/qty"),
            ("\"1\"", "/lines/0/qty"),
            ("null", "/lines/0/qty"),
            ("[1]", "/lines/0/qty"),
            ("{}", "/lines/0/qty"),
            ("true", "/lines/0/qty"),
            ("9007199254740993", "/lines/0/qty"),
            ("1e400", "/lines/0/qty"),
            ("NaN", "/lines/0/qty"),
        ] {
            let (at, sentence) = told(&format!("{{\"lines\": [{{\"qty\": {qty}}}]}}"));
            assert_eq!(at, pointer, "{qty}");
            if !["NaN", "1e400"].contains(&qty) {
                assert_eq!(sentence, "This must be a whole number from 1 to 100.", "{qty}");
            }
        }
        assert_eq!(
            told(r#"{"lines": [{"qty": 1, "qty": 2}]}"#),
            ("/lines/0/qty".into(), "This field stands there twice.".into())
        );
        assert_eq!(told(r#"{"lines": [{"qty": 1, "x/y": 2}]}"#).0, "/lines/0/x~1y");
        assert_eq!(told(r#"{"lines": [{}]}"#).0, "/lines/0/qty");
        assert_eq!(told(r#"{}"#), ("/lines".into(), "This field is missing.".into()));
        for broken in ["", "[", "{\"lines\": [}", "\u{feff}{}", "x", "{\"lines\": []} x", &"[".repeat(10_000)] {
            assert!(parse::<Outer>(broken.as_bytes()).is_err(), "{broken:.20}");
        }
    }
}
