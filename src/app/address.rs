//! Where a request comes from. Behind a proxy every connection comes from the proxy, and only what a known proxy wrote
//! about the others counts: anybody can write an `X-Forwarded-For`.

use actix_web::{dev::ServiceRequest, http::header::HeaderMap};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// `None`: from a known proxy that names nobody, or from this very machine; such a caller is not limited by its address.
pub(super) fn address_of(request: &ServiceRequest, proxies: &[IpAddr]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    if !proxies.contains(&peer) {
        return Some(peer);
    }
    // Whoever cannot be told apart from the proxy is counted with it.
    forwarded(request.headers(), proxies).unwrap_or(Some(peer))
}

/// The nearest address that is no proxy of ours. What stands left of it was written by that client, or by nobody we know,
/// in whatever letters. `None`: the nearest hop cannot be read.
fn forwarded(headers: &HeaderMap, proxies: &[IpAddr]) -> Option<Option<IpAddr>> {
    let values: Vec<_> =
        headers.get_all("x-forwarded-for").map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    for hop in values.iter().flat_map(|value| value.split(',')).rev() {
        let hop = hop.trim();
        let address = hop.parse().or_else(|_| hop.parse::<SocketAddr>().map(|with_port| with_port.ip())).ok()?;
        let address: IpAddr = address.to_canonical();
        if !proxies.contains(&address) {
            return Some(Some(address));
        }
    }
    Some(None)
}

/// What is counted as one caller: an IPv6 household has a whole /64 to itself.
pub(super) fn counted_as(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn seen(peer: &str, forwarded: &[&str]) -> Option<String> {
        let mut request = TestRequest::default().peer_addr(SocketAddr::new(peer.parse().expect("an address"), 1));
        for value in forwarded {
            request = request.append_header(("x-forwarded-for", *value));
        }
        let proxies = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse().expect("an address"));
        address_of(&request.to_srv_request(), &proxies).map(|address| address.to_string())
    }

    #[test]
    fn only_a_known_proxy_says_where_somebody_comes_from() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(seen("192.0.2.7", &[]), some("192.0.2.7"));
        assert_eq!(seen("192.0.2.7", &["203.0.113.1"]), some("192.0.2.7"), "anybody can write the header");
        assert_eq!(seen("::ffff:192.0.2.7", &[]), some("192.0.2.7"));
        assert_eq!(seen("10.0.0.1", &[]), None);
        assert_eq!(seen("10.0.0.1", &["203.0.113.1"]), some("203.0.113.1"));
        assert_eq!(seen("10.0.0.1", &["203.0.113.1:4711"]), some("203.0.113.1"));
        assert_eq!(seen("10.0.0.1", &["6.6.6.6, 203.0.113.1, 10.0.0.2"]), some("203.0.113.1"));
        assert_eq!(seen("10.0.0.1", &["6.6.6.6", "203.0.113.1"]), some("203.0.113.1"));
        let spoofed = format!("{}, 203.0.113.1", vec!["6.6.6.6"; 100].join(", "));
        assert_eq!(seen("10.0.0.1", &[&spoofed]), some("203.0.113.1"), "a hundred invented hops change nothing");
        assert_eq!(seen("10.0.0.1", &["nonsense"]), some("10.0.0.1"), "not unlimited");
        assert_eq!(seen("10.0.0.1", &["é, 203.0.113.1"]), some("203.0.113.1"), "foreign letters hide nobody");
    }

    #[test]
    fn a_household_is_one_caller() {
        let counted = |text: &str| counted_as(text.parse().expect("an address")).to_string();
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(counted("192.0.2.7"), "192.0.2.7");
    }
}
