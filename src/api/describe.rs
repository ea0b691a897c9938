//! The API's description of itself, generated from the handlers.

use super::{doors, problem::ProblemBody};
use actix_web::{HttpResponse, web};
use serde_json::Value;
use utoipa::{
    OpenApi,
    openapi::{
        ComponentsBuilder, InfoBuilder, OpenApiBuilder, SecurityRequirement,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_actix_web::OpenApiFactory;
use utoipa_swagger_ui::SwaggerUi;

/// What is named nowhere but in answers to errors.
#[derive(OpenApi)]
#[openapi(components(schemas(ProblemBody)))]
struct Extra;

pub fn description(api: &impl OpenApiFactory) -> Value {
    let mut schemas = Vec::new();
    api.schemas(&mut schemas);
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = ComponentsBuilder::new().schemas_from_iter(schemas).security_scheme("bearer", bearer).build();
    let info = InfoBuilder::new()
        .title("graborder")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Times are RFC 3339 in UTC, money is whole cents, quantities are base units."))
        .build();
    let mut description = OpenApiBuilder::new()
        .info(info)
        .paths(api.paths())
        .components(Some(components))
        .security(Some([SecurityRequirement::new("bearer", Vec::<String>::new())]))
        .build();
    description.merge(Extra::openapi());
    let mut description = serde_json::to_value(description).unwrap_or_default();
    doors::complete(&mut description);
    description
}

pub fn configure(services: &mut web::ServiceConfig, description: &Value) {
    let text = web::Bytes::from(description.to_string());
    let json = move || {
        let text = text.clone();
        async move { HttpResponse::Ok().content_type("application/json").body(text) }
    };
    services
        .route("/openapi.json", web::get().to(json))
        .service(SwaggerUi::new("/docs/{_:.*}").config(utoipa_swagger_ui::Config::from("/openapi.json")));
}
