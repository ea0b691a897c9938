//! Stores as headquarters see and steer them.

mod edit;
mod list;
mod read;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services.service(list::list).service(read::read).service(edit::edit);
}
