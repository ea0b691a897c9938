//! Signing in and out, one's own password and devices, and the ticket that opens a socket.

mod login;
mod logout;
mod me;
mod refresh;
pub(super) mod register;
mod store;
mod ws_ticket;

mod devices;
mod password;
mod remove_device;
mod sign_out_everywhere;

mod ways;
mod wechat;
mod wecom;

mod channel;
mod enter;
mod guess;
pub(super) mod new_password;
mod signed_in;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services
        .service(login::login)
        .service(refresh::refresh)
        .service(logout::logout)
        .service(ways::ways)
        .service(wechat::wechat_sign_in)
        .service(wechat::wechat_bind)
        .service(wechat::wechat_unbind)
        .service(wecom::wecom_sign_in)
        .service(wecom::wecom_bind)
        .service(wecom::wecom_unbind)
        .service(register::register)
        .service(me::me)
        .service(store::store)
        .service(ws_ticket::ws_ticket)
        .service(password::password)
        .service(devices::devices)
        .service(remove_device::remove_device)
        .service(sign_out_everywhere::sign_out_everywhere);
}
