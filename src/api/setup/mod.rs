//! The first start: while nobody administrates, whoever can read the server's log may become the administrator.

mod begin;
mod read;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services.service(read::read).service(begin::begin);
}
