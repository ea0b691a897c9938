//! Addresses that are no door: there is nothing, or there is a door that takes another method.

use super::{
    problem::{Kind, Problem},
    speak::lang_of,
};
use actix_web::{HttpRequest, HttpResponse, dev::ResourceDef, http::header, web};
use serde_json::Value;

/// Every address of the API with the methods that it takes, from the API's own description.
pub struct Doors(Vec<(ResourceDef, String)>);

impl Doors {
    pub fn of(description: &Value) -> Self {
        let paths = description["paths"].as_object().into_iter().flatten();
        let door = |(path, item): (&String, &Value)| {
            let methods = item.as_object().into_iter().flatten().map(|(method, _)| method.to_ascii_uppercase());
            (ResourceDef::new(path.as_str()), methods.collect::<Vec<_>>().join(", "))
        };
        Self(paths.map(door).collect())
    }
}

pub async fn elsewhere(request: HttpRequest, doors: web::Data<Doors>) -> Result<HttpResponse, Problem> {
    let door = doors.0.iter().find(|(path, _)| path.is_match(request.path()));
    let Some((_, methods)) = door.filter(|(_, methods)| !methods.is_empty()) else {
        return Err(Kind::NotFound.into());
    };
    let mut response = Problem::new(Kind::NoSuchMethod).response(lang_of(&request));
    response.headers_mut().insert(
        header::ALLOW,
        header::HeaderValue::from_str(methods).map_err(|error| Problem::new(Kind::Internal).because(error))?,
    );
    Ok(response)
}
