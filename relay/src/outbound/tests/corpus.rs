//! Spellings of hosts, each through the real path: called, or not, and where.

use super::{Detour, Names, call, caller};
use crate::core::Attempted;
use crate::store::CallFailure;
use serde::Deserialize;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

const ADDRESSES: &str = include_str!("../../../tests/addresses.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    host: String,
    /// What a name stands for.
    #[serde(default)]
    resolves: Vec<IpAddr>,
    /// The name that is asked for, if it is not the host.
    asked: Option<String>,
    verdict: Verdict,
    /// Where a connection would go.
    #[serde(default)]
    at: Vec<String>,
    why: String,
}

#[derive(Deserialize, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Forbidden,
    Called,
}

fn rows() -> Vec<Row> {
    serde_json::from_str(ADDRESSES).unwrap()
}

async fn check(row: &Row) {
    let name = row.asked.clone().unwrap_or_else(|| row.host.clone());
    let answers = HashMap::from([(name.clone(), vec![row.resolves.clone()])]);
    let answers = if row.resolves.is_empty() { HashMap::new() } else { answers };
    let names = Arc::new(Names { answers: Mutex::new(answers), asked: Mutex::default() });
    let detour = Detour::nowhere();
    let caller = caller(&[], Arc::clone(&names), Arc::clone(&detour));
    let outcome = call(&caller, &format!("https://{}/hook", row.host)).await;
    let (expected, at) = match row.verdict {
        Verdict::Forbidden => (CallFailure::Forbidden, vec![]),
        // The detour leads nowhere.
        Verdict::Called => (CallFailure::Network, row.at.clone()),
    };
    assert_eq!(outcome, Attempted::Failed(expected), "{:?}: {}", row.host, row.why);
    assert_eq!(detour.dialed_addresses(), at, "{:?}: {}", row.host, row.why);
    // An address is never asked for as if it was a name: somebody else would say where it leads.
    let asked = names.asked.lock().unwrap().clone();
    assert_eq!(asked, if row.resolves.is_empty() { vec![] } else { vec![name] }, "{:?}", row.host);
}

#[tokio::test]
async fn every_spelling_is_called_or_not_as_it_should_be() {
    let rows = rows();
    assert!(rows.iter().filter(|row| row.verdict == Verdict::Forbidden).count() >= 100);
    for row in &rows {
        check(row).await;
    }
}

/// What is forbidden as an address is forbidden as what a name stands for.
#[tokio::test]
async fn the_same_addresses_behind_names() {
    let mut count = 0;
    for row in rows() {
        let Ok(address) = row.host.trim_matches(['[', ']']).parse::<IpAddr>() else { continue };
        if row.host.starts_with('[') != address.is_ipv6() {
            continue;
        }
        count += 1;
        let host = "name.example".to_owned();
        check(&Row { host, resolves: vec![address], ..row }).await;
    }
    assert!(count > 90, "{count}");
}

/// Every address of a network is judged as its first and its last one.
#[test]
fn networks_are_judged_as_a_whole() {
    for (network, is_public) in [
        ("10.0.0.0/8", false),
        ("100.64.0.0/10", false),
        ("172.16.0.0/12", false),
        ("224.0.0.0/3", false),
        ("1.0.0.0/9", true),
        ("fc00::/7", false),
        ("fe80::/9", false),
        ("2600::/12", true),
        ("::/8", false),
        ("4000::/2", false),
        ("8000::/1", false),
    ] {
        let network: ipnet::IpNet = network.parse().unwrap();
        for step in 0..64_u128 {
            let address = match network {
                ipnet::IpNet::V4(network) => {
                    let size = u128::from(u32::from(network.hostmask()));
                    IpAddr::V4((u32::from(network.network()) + (size * step / 63) as u32).into())
                }
                ipnet::IpNet::V6(network) => {
                    let size = u128::from(network.hostmask()) / 63;
                    IpAddr::V6((u128::from(network.network()) + size * step).into())
                }
            };
            assert_eq!(super::super::address::special_use(address).is_none(), is_public, "{address}");
        }
    }
}
