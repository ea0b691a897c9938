//! Invites: a code lets one person in, with role and store given beforehand.

mod list;
mod make;
mod revoke;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services.service(make::make).service(list::list).service(revoke::revoke);
}
