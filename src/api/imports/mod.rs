//! Files that feed the books: handed over, looked at, mended, taken over, taken back.

mod answer;
mod cells;
mod confirm;
mod faults;
mod list;
mod read;
mod remove;
mod undo;
mod upload;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services
        .service(upload::upload)
        .service(list::list)
        .service(read::read)
        .service(faults::list)
        .service(cells::mend)
        .service(confirm::confirm)
        .service(undo::undo)
        .service(remove::remove);
}
