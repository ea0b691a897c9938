//! For those who run the node: is it alive, can it serve, what does it count. Outside `/api/v1`, without sign-in.

use super::state::ApiState;
use actix_web::{HttpResponse, web};
use serde::Serialize;

pub fn configure(services: &mut web::ServiceConfig, state: ApiState) {
    let state = web::Data::new(state);
    for (path, route) in
        [("/healthz", web::get().to(healthz)), ("/readyz", web::get().to(readyz)), ("/metrics", web::get().to(metrics))]
    {
        services.service(web::resource(path).app_data(state.clone()).route(route));
    }
}

/// The process runs and answers.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"status": "ok"}))
}

/// What a load balancer should know.
#[derive(Serialize)]
struct Ready {
    ready: bool,
    redis: bool,
    postgres: bool,
    draining: bool,
}

async fn readyz(state: web::Data<ApiState>) -> HttpResponse {
    let redis = said("Redis", state.hot.ping().await);
    let postgres = said("Postgres", state.db.ping().await);
    let draining = state.draining.is_cancelled();
    let ready = Ready { ready: redis && postgres && !draining, redis, postgres, draining };
    if ready.ready { HttpResponse::Ok().json(ready) } else { HttpResponse::ServiceUnavailable().json(ready) }
}

fn said<E: std::fmt::Display>(who: &str, answer: Result<(), E>) -> bool {
    if let Err(error) = &answer {
        tracing::warn!(who, %error, "not ready");
    }
    answer.is_ok()
}

/// Prometheus' text format.
async fn metrics(state: web::Data<ApiState>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(state.metrics.render())
}
