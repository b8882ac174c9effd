//! How much a relay takes, and of whom: token buckets of requests and bytes.

use serde::Deserialize;
use std::collections::HashMap;
use std::net::IpAddr;

/// Buckets that are full again are looked for so often, in milliseconds.
const SWEEP_MS: u64 = 10_000;
/// When there is no room for another party, they are looked for so often.
const HASTY_SWEEP_MS: u64 = 1_000;
/// Nobody is told to wait longer than that, in milliseconds.
const MAX_WAIT_MS: f64 = 60_000.0;

/// How much a relay takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Requests that are under way at the same time. Each holds its body, and a call its answer, until that is stored.
    pub at_once: usize,
    /// Milliseconds that a viewer waits for a call at most, whatever the request and the webhook say.
    pub budget_ms: u32,
    /// Events in one request.
    pub events_per_request: usize,
    /// Bytes of one event.
    pub event_bytes: usize,
    /// Of one project on one origin: of all its viewers.
    pub site: Rate,
    /// Of one address: of one viewer, or of all behind one router. With IPv6 of one network of 64 bits.
    pub address: Rate,
    /// Of one API key.
    pub key: Rate,
    /// Parties for which this is counted at the same time. Those beyond that share one count.
    pub parties: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u32 = 1024 * 1024;
        let many =
            Rate { requests: 1_000, requests_at_once: 2_000, bytes: 16 * MIB, bytes_at_once: 64 * MIB };
        let few = Rate { requests: 50, requests_at_once: 200, bytes: 2 * MIB, bytes_at_once: 16 * MIB };
        Self {
            at_once: 1_024,
            budget_ms: 60_000,
            events_per_request: 1_000,
            event_bytes: 64 * 1024,
            site: many,
            address: few,
            key: many,
            parties: 20_000,
        }
    }
}

/// How much is taken of one party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rate {
    /// Requests a second, on average.
    pub requests: u32,
    /// Requests at once, after a rest.
    pub requests_at_once: u32,
    /// Bytes of bodies a second, on average.
    pub bytes: u32,
    /// Bytes at once, after a rest. A request with more costs as much as this.
    pub bytes_at_once: u32,
}

/// Whom is counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Party {
    /// A project on an origin. Whoever mints tokens chooses how many there are.
    Site(Box<str>, Box<str>),
    /// An address. Anybody with a token chooses how many there are.
    Address(Address),
    /// An API key.
    Server(Box<str>),
    /// All sites, addresses or keys that are too many to be told apart.
    Others(Sort),
}

/// Which limits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sort {
    Site,
    Address,
    Key,
}

/// An address as it is counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Address {
    /// IPv4.
    Four([u8; 4]),
    /// The network of an IPv6 address: whoever has one has 2⁶⁴ addresses in it.
    Six([u8; 8]),
    /// Something else that tells connections apart.
    Other(Box<str>),
}

impl Party {
    pub(super) fn site(project: &str, origin: &str) -> Self {
        Self::Site(project.into(), origin.into())
    }

    pub(super) fn address(text: &str) -> Self {
        Self::Address(match text.parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(IpAddr::V4(address)) => Address::Four(address.octets()),
            Ok(IpAddr::V6(address)) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Address::Six([a, b, c, d, e, f, g, h])
            }
            Err(_) => Address::Other(text.into()),
        })
    }

    fn sort(&self) -> Sort {
        match self {
            Self::Site(..) => Sort::Site,
            Self::Address(_) => Sort::Address,
            Self::Server(_) => Sort::Key,
            Self::Others(sort) => *sort,
        }
    }
}

impl Limits {
    fn rate(&self, sort: Sort) -> Rate {
        match sort {
            Sort::Site => self.site,
            Sort::Address => self.address,
            Sort::Key => self.key,
        }
    }
}

/// What is left for one party.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    requests: f64,
    bytes: f64,
    at_ms: u64,
}

impl Bucket {
    fn full(rate: Rate, now_ms: u64) -> Self {
        Self {
            requests: at_least_one(rate.requests_at_once),
            bytes: at_least_one(rate.bytes_at_once),
            at_ms: now_ms,
        }
    }

    fn fill(&mut self, rate: Rate, now_ms: u64) {
        #[allow(clippy::cast_precision_loss)]
        let seconds = now_ms.saturating_sub(self.at_ms) as f64 / 1_000.0;
        let full = Self::full(rate, now_ms);
        self.requests = (self.requests + seconds * at_least_one(rate.requests)).min(full.requests);
        self.bytes = (self.bytes + seconds * at_least_one(rate.bytes)).min(full.bytes);
        self.at_ms = self.at_ms.max(now_ms);
    }

    /// Milliseconds until there is enough; nothing if there is.
    fn wait_ms(&self, rate: Rate, bytes: f64) -> f64 {
        let wait = |missing: f64, rate: u32| (missing / at_least_one(rate)).max(0.0) * 1_000.0;
        wait(1.0 - self.requests, rate.requests).max(wait(bytes - self.bytes, rate.bytes))
    }

    /// It says no more than that there is none.
    fn is_full(mut self, rate: Rate, now_ms: u64) -> bool {
        self.fill(rate, now_ms);
        let full = Self::full(rate, now_ms);
        self.requests >= full.requests && self.bytes >= full.bytes
    }
}

/// The buckets of all parties that are not at rest.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    all: HashMap<Party, Bucket>,
    swept_ms: u64,
}

impl Buckets {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Takes a request and its bytes of all of these, or of none. Otherwise says how many milliseconds to wait.
    pub(super) fn admit(
        &mut self,
        limits: &Limits,
        now_ms: u64,
        parties: &[Party],
        bytes: usize,
    ) -> Result<(), u32> {
        self.sweep(limits, now_ms, SWEEP_MS);
        let mut taken = Vec::with_capacity(parties.len());
        let mut wait_ms = 0.0_f64;
        for party in parties {
            let sort = party.sort();
            let rate = limits.rate(sort);
            let party = if self.has_room(limits, now_ms, party, taken.len()) {
                party.clone()
            } else {
                Party::Others(sort)
            };
            let mut bucket = self.all.get(&party).copied().unwrap_or(Bucket::full(rate, now_ms));
            bucket.fill(rate, now_ms);
            #[allow(clippy::cast_precision_loss)]
            let bytes = (bytes as f64).min(at_least_one(rate.bytes_at_once));
            wait_ms = wait_ms.max(bucket.wait_ms(rate, bytes));
            taken.push((
                party,
                Bucket { requests: bucket.requests - 1.0, bytes: bucket.bytes - bytes, ..bucket },
            ));
        }
        if wait_ms > 0.0 {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            return Err(wait_ms.ceil().min(MAX_WAIT_MS) as u32);
        }
        self.all.extend(taken);
        Ok(())
    }

    /// Whether a party is counted for by itself; `new` of this request are about to be.
    fn has_room(&mut self, limits: &Limits, now_ms: u64, party: &Party, new: usize) -> bool {
        if self.all.contains_key(party) || self.all.len() + new < limits.parties {
            return true;
        }
        self.sweep(limits, now_ms, HASTY_SWEEP_MS);
        self.all.len() + new < limits.parties
    }

    /// Forgets those that are full again, unless that was done just now.
    fn sweep(&mut self, limits: &Limits, now_ms: u64, every_ms: u64) {
        if now_ms.saturating_sub(self.swept_ms) >= every_ms {
            self.swept_ms = now_ms;
            self.all.retain(|party, bucket| !bucket.is_full(limits.rate(party.sort()), now_ms));
        }
    }
}

/// A limit of nothing would be one that nobody ever keeps.
fn at_least_one(limit: u32) -> f64 {
    f64::from(limit.max(1))
}
