//! Who needs what most, and the runs that compute it.

mod ask;
mod list;
mod read_run;
mod runs;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services.service(list::list).service(ask::ask).service(runs::runs).service(read_run::read_run);
}
