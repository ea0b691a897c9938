//! Orders: what was won and is in the books, on its way to the shelf.

mod cancel;
mod list;
mod read;

pub(super) mod answer;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services.service(list::list).service(read::read).service(cancel::cancel);
}
