//! Lists as files. Who takes which stands in `domain::export`; each file is logged before its first byte leaves.

mod make;

mod ask;
mod log;

mod cell;
mod columns;

mod csv;
mod xlsx;

mod gate;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services.service(make::make);
}
