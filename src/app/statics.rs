//! The pages of store and console, built beforehand and carried inside the binary.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use rust_embed::{EmbeddedFile, RustEmbed};

/// The store page, at `/`.
#[derive(RustEmbed)]
#[folder = "clients/h5/dist"]
#[allow_missing = true]
struct StorePage;

/// Board and back office, at `/console/`.
#[derive(RustEmbed)]
#[folder = "clients/console/dist"]
#[allow_missing = true]
struct Console;

pub fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/console", web::get().to(to_console))
        .route("/console/{path:.*}", web::get().to(console))
        .route("/{path:.*}", web::get().to(store_page));
}

async fn to_console() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/console/")).finish()
}

async fn console(request: HttpRequest, path: web::Path<String>) -> HttpResponse {
    serve::<Console>(&request, &path)
}

async fn store_page(request: HttpRequest, path: web::Path<String>) -> HttpResponse {
    serve::<StorePage>(&request, &path)
}

/// A file, or the page itself for an address that the page routes; a missing asset is missing.
fn serve<Pages: RustEmbed>(request: &HttpRequest, path: &str) -> HttpResponse {
    let found = match Pages::get(path) {
        Some(file) if !path.is_empty() => Some((path, file)),
        _ if !is_plain(path) || path.starts_with("api/") || path.starts_with("assets/") => None,
        _ => Pages::get("index.html").map(|file| ("index.html", file)),
    };
    let Some((name, file)) = found else {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("404\n");
    };
    let etag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let known = request.headers().get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes());
    // Hashed assets never change under their name; everything else is asked for again each time.
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::CACHE_CONTROL, cache)).insert_header((header::ETAG, etag));
    if known {
        return response.finish();
    }
    response.content_type(content_type(&file)).body(file.data.into_owned())
}

/// Words between single slashes, as an address of a page may look; no way up, no second name of another door.
fn is_plain(path: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    path.is_empty() || path.split('/').all(|part| !part.is_empty() && part.bytes().all(word))
}

fn content_type(file: &EmbeddedFile) -> String {
    let mime = file.metadata.mimetype();
    if mime.starts_with("text/") || mime.contains("javascript") {
        format!("{mime}; charset=utf-8")
    } else {
        mime.to_owned()
    }
}
