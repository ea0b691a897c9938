//! Where a webhook may lead: an https address outside. An address that turns inwards later, by its name's new meaning or by a
//! redirect, is refused where the connection is made.

use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

/// A receiver that needs longer should answer first and work then.
const TIMEOUT: Duration = Duration::from_secs(10);
const URL_CHARS_MAX: usize = 2_000;

/// Why an address is none for a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    NoAddress,
    NotHttps,
    /// Names and passwords would stand in the log.
    NamesSomebody,
    Inside,
}

/// What can be said of an address before anybody looks it up.
pub fn check(text: &str, allow_private: bool) -> Result<(), Unfit> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= URL_CHARS_MAX).ok_or(Unfit::NoAddress)?;
    if !(url.scheme() == "https" || allow_private && url.scheme() == "http") {
        return Err(Unfit::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(Unfit::NamesSomebody);
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(Unfit::NoAddress)?;
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let local_name = name == "localhost" || name.ends_with(".localhost") || name.ends_with(".local");
    if !allow_private && (local_name || address.is_some_and(is_inside)) {
        return Err(Unfit::Inside);
    }
    Ok(())
}

pub(super) fn client(allow_private: bool) -> reqwest::Result<Client> {
    let builder = Client::builder().no_proxy().redirect(Policy::none()).timeout(TIMEOUT).user_agent("graborder");
    if allow_private { builder.build() } else { builder.dns_resolver(Arc::new(Outside)).build() }
}

/// Looks names up and gives only addresses outside. Literal addresses never come here: `check` has seen them.
#[derive(Debug)]
struct Outside;

impl Resolve for Outside {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().any(|address| is_inside(address.ip())) {
                return Err("the name leads to an address inside".into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// This machine, its own network, and whatever else is not the public internet.
pub fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_inside_v4(v4),
        IpAddr::V6(v6) => is_inside_v6(v6),
    }
}

fn is_inside_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        // Carriers' own, protocol assignments, benchmarks.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (b == 18 || b == 19))
}

fn is_inside_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    // However a v4 address is dressed: mapped, compatible, by 6to4 or through NAT64.
    let dressed = match parts {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
        }
        _ => None,
    };
    dressed.is_some_and(is_inside_v4)
        || address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        // Unique local, link local, the old site local, documentation, Teredo.
        || parts[0] & 0xfe00 == 0xfc00
        || parts[0] & 0xff80 == 0xfe80
        || parts[0] & 0xffc0 == 0xfec0
        || parts[..2] == [0x2001, 0xdb8]
        || parts[..2] == [0x2001, 0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_are_known_however_they_are_written() {
        for inside in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0/",
            "https://10.1.2.3/",
            "https://172.16.0.1/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest",
            "https://100.64.0.1/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://printer.local/",
            "https://255.255.255.255/",
            "https://224.0.0.1/",
        ] {
            assert_eq!(check(inside, false), Err(Unfit::Inside), "{inside}");
            assert_eq!(check(inside, true), Ok(()), "{inside}");
        }
        for outside in ["https://erp.example/hook", "https://8.8.8.8:8443/x?y=1", "https://[2606:4700::1111]/"] {
            assert_eq!(check(outside, false), Ok(()), "{outside}");
        }
        for (odd, why) in [
            ("", Unfit::NoAddress),
            ("erp.example", Unfit::NoAddress),
            ("http://erp.example/", Unfit::NotHttps),
            ("file:///etc/passwd", Unfit::NotHttps),
            ("https://user:word@erp.example/", Unfit::NamesSomebody),
            ("https://erp.example/#part", Unfit::NamesSomebody),
        ] {
            assert_eq!(check(odd, false), Err(why), "{odd}");
        }
        assert_eq!(check(&format!("https://erp.example/{}", "x".repeat(2_000)), false), Err(Unfit::NoAddress));
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_where_it_is_looked_up() {
        let sent = client(false).expect("a client").get("https://localhost:9/").send().await;
        let told = format!("{:?}", sent.expect_err("is refused"));
        assert!(told.contains("inside"), "{told}");
    }
}
