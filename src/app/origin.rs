//! From where a browser may open a socket.

use actix_web::{
    HttpRequest,
    http::{Uri, header},
};

/// A browser says from where it calls: our own host may, and whoever the configuration names, letter by letter. Others
/// (mini-programs, programs) send no web origin and are judged by their ticket alone; there is no cookie that a foreign
/// page could ride. `null` is what a sandboxed page sends, so it is a web origin too, and nobody's.
pub(super) fn origin_may(request: &HttpRequest, allowed: &[String]) -> bool {
    let mut values = request.headers().get_all(header::ORIGIN);
    let Some(value) = values.next() else { return true };
    let (Ok(origin), None) = (value.to_str(), values.next()) else { return false };
    if allowed.iter().any(|fine| fine == origin) {
        return true;
    }
    let scheme = origin.split("://").next().unwrap_or_default().to_ascii_lowercase();
    let is_named = !scheme.is_empty() && origin.contains("://");
    if is_named && scheme != "http" && scheme != "https" {
        return true;
    }
    let own = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let theirs = origin.parse::<Uri>().ok().filter(|uri| uri.path() == "/" && uri.query().is_none());
    let theirs = theirs.and_then(|uri| uri.authority().map(ToString::to_string));
    let speaks_like_a_browser = origin.starts_with("http://") || origin.starts_with("https://");
    own.is_some() && speaks_like_a_browser && theirs.as_deref() == own
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn may(origins: &[&str]) -> bool {
        let mut request = TestRequest::default().insert_header((header::HOST, "good.com"));
        for origin in origins {
            request = request.append_header((header::ORIGIN, *origin));
        }
        origin_may(&request.to_http_request(), &["https://shop.example".to_owned()])
    }

    #[test]
    fn our_own_pages_and_named_ones_may_and_no_other_page() {
        for origins in
            [&[][..], &["https://good.com"], &["http://good.com"], &["https://shop.example"], &["weapp://wx12"]]
        {
            assert!(may(origins), "{origins:?}");
        }
        for origin in [
            "null",
            "",
            "https://evil.com",
            "https://good.com.evil.com",
            "https://evilgood.com",
            "http://shop.example",
            "https://GOOD.com",
            "HTTPS://evil.com",
            "https://good.com.",
            "https://good.com:8443",
            "https://good.com@evil.com",
            "https://user@good.com",
            "https://good.com/path",
            "https://shop.example.",
            "https://shop.example/",
            "good.com",
            "://good.com",
        ] {
            assert!(!may(&[origin]), "{origin}");
        }
        assert!(!may(&["https://good.com", "https://evil.com"]), "two origins are none");
    }
}
