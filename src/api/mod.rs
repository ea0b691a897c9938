//! The back office over HTTP: `/api/v1`, described by itself at `/openapi.json` and browsable at `/docs`.
//!
//! A handler reads as a recipe: who may (an extractor that it cannot forget), what was said (read strictly), the verb, the
//! answer. Everything that goes wrong becomes a problem in the caller's language.

mod auth;
mod catalogue;
mod claims;
mod consents;
mod exports;
mod imports;
mod invites;
mod needs;
mod operations;
mod orders;
mod reports;
mod rounds;
mod setup;
mod shipments;
mod stores;
pub mod users;
mod webhooks;

mod body;
mod page;
pub mod problem;
mod speak;
mod state;
mod values;
mod words;

mod describe;
pub mod doors;
mod elsewhere;

pub use state::{ApiState, WebhookTerms};

use actix_web::{middleware::from_fn, web};
use utoipa_actix_web::{scope, service_config::ServiceConfig};

/// Everything under `/api/v1`, and its description.
pub fn configure(services: &mut web::ServiceConfig, state: ApiState) {
    operations::configure(services, state.clone());
    let api = scope::scope("/api/v1")
        .app_data(web::Data::new(state.tokens.clone()))
        .app_data(web::Data::new(state))
        .configure(routes)
        .default_service(web::to(elsewhere::elsewhere));
    let description = describe::description(&api);
    let doors = web::Data::new(elsewhere::Doors::of(&description));
    services.service(api.app_data(doors).wrap(from_fn(speak::speak)));
    describe::configure(services, &description);
}

/// In the order in which a newcomer meets them: sign in, see what is offered, claim, follow the order to the shelf.
fn routes(services: &mut ServiceConfig) {
    services
        .configure(auth::configure)
        .configure(consents::configure)
        .configure(rounds::configure)
        .configure(claims::configure)
        .configure(orders::configure)
        .configure(shipments::configure)
        .configure(stores::configure)
        .configure(catalogue::configure)
        .configure(exports::configure)
        .configure(imports::configure)
        .configure(users::configure)
        .configure(invites::configure)
        .configure(webhooks::configure)
        .configure(needs::configure)
        .configure(reports::configure)
        .configure(setup::configure);
}
