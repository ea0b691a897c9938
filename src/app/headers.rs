//! What every answer tells a browser about itself, so that nothing stored here can become a program there.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
};

/// Answers of the API are data: nothing in them is ever shown as a page.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// The description's own page styles itself as it goes; it runs no script but those served here.
const DOCS_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'";
const FEATURES: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";

/// The policy of the pages: scripts and styles from here alone, no inline ones, and no talk to any other host. A host that
/// is no plain name gets no sockets.
fn page_policy(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let plain = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    let sockets = if plain { format!(" ws://{host} wss://{host}") } else { String::new() };
    format!(
        "default-src 'self'; img-src 'self' data:; connect-src 'self'{sockets}; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'self'; object-src 'none'"
    )
}

pub(super) async fn headers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let path = request.path();
    let policy = if path.starts_with("/docs/") {
        DOCS_POLICY.to_owned()
    } else if path.starts_with("/api/") || ["/openapi.json", "/metrics", "/healthz", "/readyz"].contains(&path) {
        DATA_POLICY.to_owned()
    } else {
        page_policy(request.headers())
    };
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_SECURITY_POLICY, &policy);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), FEATURES);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_no_name_cannot_write_into_the_policy() {
        let policy = |host: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            page_policy(&headers)
        };
        assert!(
            policy("shop.example:8443").contains("connect-src 'self' ws://shop.example:8443 wss://shop.example:8443;")
        );
        assert!(policy("x; script-src *").contains("connect-src 'self';"));
    }
}
