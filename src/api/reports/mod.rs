//! Key figures over a period, and the report of one round.

mod answer;
mod kpis;
mod round;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services.service(kpis::key_figures).service(round::report);
}
