//! People, as an administrator steers them.

pub mod changed;
mod sign_out;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services.service(sign_out::sign_out);
}
