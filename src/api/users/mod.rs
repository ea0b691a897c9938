//! Users as those who look after them see and change them, and the log of what was done.

mod list;

mod approve;
mod disable;
mod edit;
mod enable;
mod reset_password;
mod sign_out;

mod actions;

pub mod changed;
pub(super) mod reach;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services
        .service(list::list)
        .service(approve::approve)
        .service(disable::disable)
        .service(enable::enable)
        .service(reset_password::reset_password)
        .service(sign_out::sign_out)
        .service(edit::edit)
        .service(actions::actions);
}
