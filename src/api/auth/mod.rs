//! Signing in and out, and the ticket that opens a socket.

mod login;
mod logout;
mod me;
mod refresh;
mod ws_ticket;

mod signed_in;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services
        .service(login::login)
        .service(refresh::refresh)
        .service(logout::logout)
        .service(me::me)
        .service(ws_ticket::ws_ticket);
}
