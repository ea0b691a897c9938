//! Goods, warehouses and what lies in them: what a round is made of.

mod skus;
mod stock;
mod warehouses;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(services: &mut ServiceConfig) {
    services.service(skus::skus).service(warehouses::warehouses).service(stock::stock);
}
