//! Shipments: one an order, from the warehouse's ramp to the store's count.

mod list;

mod arrive;
mod dispatch;
mod in_transit;
mod receive;

mod answer;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services
        .service(list::list)
        .service(dispatch::dispatch)
        .service(in_transit::in_transit)
        .service(arrive::arrive)
        .service(receive::receive);
}
