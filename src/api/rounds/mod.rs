//! Rounds: seen by those who are invited, written and steered by headquarters.

mod list;
mod read;

mod draft;
mod edit;
mod publish;

mod approve;
mod send_back;

mod cancel;
mod extend;
mod pause;
mod resume;
mod stop;

mod board;

mod answer;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services
        .service(list::list)
        .service(read::read)
        .service(draft::draft)
        .service(edit::edit)
        .service(publish::publish)
        .service(approve::approve)
        .service(send_back::send_back)
        .service(pause::pause)
        .service(resume::resume)
        .service(extend::extend)
        .service(stop::stop)
        .service(cancel::cancel)
        .service(board::board);
}
