//! Webhooks: systems elsewhere that are told what happens.

mod edit;
mod list;
mod make;
mod messages;
mod ping;
mod remove;
mod replay;
mod rotate;
mod wish;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services
        .service(make::make)
        .service(list::list)
        .service(edit::edit)
        .service(remove::remove)
        .service(rotate::rotate)
        .service(ping::ping)
        .service(messages::told)
        .service(replay::replay);
}
