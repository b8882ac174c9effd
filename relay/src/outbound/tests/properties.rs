//! Whatever the URL, no connection goes to an address that is neither public nor allowed.

use super::{Detour, Names, call, caller};
use crate::core::Attempted;
use crate::outbound::address::special_use;
use crate::store::CallFailure;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Calls it; where the connections would have gone. Names lead to loopback.
fn dialed(url: &str) -> (Attempted, Vec<IpAddr>) {
    dialed_by(url, Names::of(&[("inside.example", &[&["127.0.0.1"]]), ("a.example", &[&["8.8.8.8"]])]))
}

fn dialed_by(url: &str, names: Arc<Names>) -> (Attempted, Vec<IpAddr>) {
    let detour = Detour::nowhere();
    let caller = caller(&[], names, Arc::clone(&detour));
    let outcome = runtime().block_on(call(&caller, url));
    (outcome, detour.dialed().iter().map(|address| address.ip()).collect())
}

/// What the standard library says of an address. It knows less than we do, by other code.
fn is_plainly_inside(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_unspecified()
                || address.is_broadcast()
                || address.is_documentation()
                || address.is_multicast()
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_unique_local()
                || address.is_unicast_link_local()
        }
    }
}

/// One number of an address, in one of the ways in which URLs may spell it.
fn spelled(number: u32, how: u8) -> String {
    match how % 6 {
        0 => format!("{number}"),
        1 => format!("0{number:o}"),
        2 => format!("0x{number:x}"),
        3 => format!("0X{number:X}"),
        4 => format!("00{number:o}"),
        _ => format!("0x000{number:x}"),
    }
}

/// An address of version 4, in one of the ways in which URLs may spell it.
fn spelled_v4(address: Ipv4Addr, parts: u8, how: [u8; 4]) -> String {
    let [a, b, c, d] = address.octets().map(u32::from);
    let numbers = match parts % 4 {
        0 => vec![u32::from(address)],
        1 => vec![a, b << 16 | c << 8 | d],
        2 => vec![a, b, c << 8 | d],
        _ => vec![a, b, c, d],
    };
    numbers.iter().zip(how).map(|(number, how)| spelled(*number, how)).collect::<Vec<_>>().join(".")
}

/// Addresses, those of special networks as often as others.
fn v4() -> impl Strategy<Value = Ipv4Addr> {
    let special = prop::sample::select(vec![
        [127, 0, 0, 1],
        [10, 0, 0, 0],
        [169, 254, 169, 254],
        [192, 168, 1, 1],
        [172, 16, 0, 1],
        [100, 64, 0, 1],
        [0, 0, 0, 0],
        [224, 0, 0, 1],
        [168, 63, 129, 16],
        [198, 18, 0, 1],
        [255, 255, 255, 255],
        [8, 8, 8, 8],
    ]);
    prop_oneof![any::<u32>().prop_map(Ipv4Addr::from), special.prop_map(Ipv4Addr::from)]
}

fn v6() -> impl Strategy<Value = Ipv6Addr> {
    let prefixes: Vec<[u16; 6]> = vec![
        [0; 6],
        [0, 0, 0, 0, 0, 0xffff],
        [0, 0, 0, 0, 0xffff, 0],
        [0x64, 0xff9b, 0, 0, 0, 0],
        [0x64, 0xff9b, 1, 0, 0, 0],
        [0x2001, 0, 0, 0, 0, 0],
        [0x2001, 0xdb8, 0, 0, 0, 0],
        [0xfe80, 0, 0, 0, 0, 0x5efe],
        [0xfd00, 0xec2, 0, 0, 0, 0],
        [0x2606, 0x4700, 0, 0, 0, 0],
    ];
    let embedded = (prop::sample::select(prefixes), v4()).prop_map(|([a, b, c, d, e, f], four)| {
        let bits = u32::from(four);
        Ipv6Addr::new(a, b, c, d, e, f, (bits >> 16) as u16, bits as u16)
    });
    let six_to_four = v4().prop_map(|four| {
        let bits = u32::from(four);
        Ipv6Addr::new(0x2002, (bits >> 16) as u16, bits as u16, 0, 0, 0, 0, 1)
    });
    prop_oneof![any::<u128>().prop_map(Ipv6Addr::from), embedded, six_to_four]
}

proptest! {
    #[test]
    fn no_text_panics_or_gets_inside(text in any::<String>(), scheme in prop::sample::select(vec!["", "http://", "https://", "HTTPS:\\\\"])) {
        for address in dialed(&[scheme, &text].concat()).1 {
            prop_assert!(!is_plainly_inside(address), "{}", address);
        }
    }

    /// Texts that look like URLs.
    #[test]
    fn no_url_gets_inside(url in r"(https?|HTTP|ws|file)?:?[/\\]{0,3}([a-z%:@\[\]0-9.x]{0,8}@)?([0-9a-fx.%\[\]:]{1,20}|localhost|inside\.example|127\.1|0x7f\.1|\[::1\]|a\.example)\.?(:[0-9]{0,6})?[/?#\\]?\PC{0,8}") {
        for address in dialed(&url).1 {
            prop_assert!(special_use(address).is_none() && !is_plainly_inside(address), "{}", address);
        }
    }

    /// However an address is spelled, the connection goes there or nowhere.
    #[test]
    fn spellings_are_the_address(address in v4(), parts: u8, how: [u8; 4], dot: bool, userinfo in prop::sample::select(vec!["", "@"])) {
        let host = spelled_v4(address, parts, how);
        let url = format!("https://{userinfo}{host}{}/", if dot { "." } else { "" });
        let (outcome, dialed) = dialed(&url);
        let is_public = special_use(address.into()).is_none();
        prop_assert!(!(is_public && is_plainly_inside(address.into())));
        if is_public {
            prop_assert_eq!((outcome, dialed), (Attempted::Failed(CallFailure::Network), vec![IpAddr::V4(address)]), "{}", url);
        } else {
            prop_assert_eq!((outcome, dialed), (Attempted::Failed(CallFailure::Forbidden), vec![]), "{}", url);
        }
    }

    #[test]
    fn version_6_is_what_it_stands_for(address in v6()) {
        let (outcome, dialed) = dialed(&format!("https://[{address}]/"));
        let canonical = IpAddr::V6(address).to_canonical();
        if special_use(canonical).is_none() {
            prop_assert!(!is_plainly_inside(canonical));
            prop_assert_eq!(dialed, vec![canonical]);
        } else {
            prop_assert_eq!((outcome, dialed), (Attempted::Failed(CallFailure::Forbidden), vec![]));
        }
    }

    /// The first bad one among any number of good ones is enough.
    #[test]
    fn one_address_that_is_forbidden_is_enough(good in prop::collection::vec(any::<u32>(), 0..8), bad in v4(), place: prop::sample::Index) {
        let mut answers: Vec<IpAddr> = good.into_iter().map(|bits| IpAddr::V4(bits.into())).filter(|a| special_use(*a).is_none()).collect();
        let is_bad = special_use(bad.into()).is_some();
        answers.insert(place.index(answers.len() + 1), bad.into());
        let texts: Vec<String> = answers.iter().map(ToString::to_string).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let (outcome, dialed) = dialed_by("https://x.example/", Names::of(&[("x.example", &[&texts])]));
        if is_bad {
            prop_assert_eq!((outcome, dialed), (Attempted::Failed(CallFailure::Forbidden), vec![]));
        } else {
            prop_assert!(!dialed.is_empty() && dialed.iter().all(|address| answers.contains(address)));
        }
    }
}
