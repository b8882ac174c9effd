//! URLs of webhooks, and the addresses behind them.

use cuehook_relay::parsers::{Place, is_called, read_target};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// A URL leads where a browser would go, nothing in it can become a part of another request, and none leads inside.
pub fn relay_url(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Some(Place { is_tls, host, port, host_field, path }) = read_target(text) else { return };
    let url = Url::parse(text).expect("what was read is a URL");
    assert_eq!(url.scheme(), if is_tls { "https" } else { "http" });
    assert_eq!(url.port_or_known_default(), Some(port));
    assert!(url.username().is_empty() && url.password().is_none());
    assert!(path.starts_with('/'), "{path}");
    for part in [&host_field, &path] {
        assert!(part.bytes().all(|byte| byte.is_ascii_graphic()), "{part:?}");
    }
    assert!(!path.contains('#') && !host_field.contains(['/', '@', '?', '#']), "{host_field} {path}");
    match host {
        Ok(address) => {
            let shown = match url.host() {
                Some(Host::Ipv4(shown)) => IpAddr::V4(shown),
                Some(Host::Ipv6(shown)) => IpAddr::V6(shown),
                other => panic!("{other:?}"),
            };
            assert_eq!(shown.to_canonical(), address);
            for is_tls in [true, false] {
                assert!(!is_called(&[address], is_tls, &[]) || !is_inside(address), "{address}");
            }
            assert!(!is_called(&[address], false, &[]), "secrets go by TLS alone: {address}");
            assert!(is_called(&[address], false, &[address.into()]), "it is allowed: {address}");
        }
        Err(name) => {
            assert!(name.parse::<IpAddr>().is_err() && !name.ends_with('.'), "{name}");
            // What browsers, and systems, take for numbers is no name.
            let last = name.rsplit('.').next().unwrap_or_default();
            assert!(!last.is_empty() && !last.bytes().all(|byte| byte.is_ascii_digit()), "{name}");
        }
    }
}

/// What is plainly inside, by the standard library: fewer networks than there are.
fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_inside_v4(address),
        IpAddr::V6(address) => {
            let segments = address.segments();
            let [.., a, b, c, d] = address.octets();
            let embedded = Ipv4Addr::new(a, b, c, d);
            address == Ipv6Addr::UNSPECIFIED
                || address.is_loopback()
                || address.is_multicast()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.to_ipv4_mapped().is_some_and(is_inside_v4)
                || (segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] && is_inside_v4(embedded))
                || segments[0] == 0x2002
        }
    }
}

fn is_inside_v4(address: Ipv4Addr) -> bool {
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
        || address.is_documentation()
        || address.octets()[0] == 0
}
