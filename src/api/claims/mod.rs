//! Claims over HTTP, for clients whose socket is away: same script, same id, same verdict.

mod make;
mod status;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services.service(make::claim).service(status::claim_status);
}
