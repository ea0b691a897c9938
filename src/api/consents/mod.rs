//! Which messages somebody asked for, and how often.

mod add;
mod list;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services.service(list::list).service(add::add);
}
