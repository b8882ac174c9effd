//! How much a relay takes, and of whom: token buckets of requests and bytes.

use serde::Deserialize;
use std::collections::HashMap;
use std::net::IpAddr;

/// Buckets that are full again are looked for so often, in milliseconds.
const SWEEP_MS: u64 = 10_000;
/// When there is no room for another party, they are looked for so often.
const HASTY_SWEEP_MS: u64 = 1_000;
/// Of what buckets hold.
const THOUSAND: u64 = 1_000;
/// Nobody is told to wait longer than that, in milliseconds.
const MAX_WAIT_MS: u32 = 60_000;

/// How much a relay takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Calls that are under way at the same time. Each holds its body, and then its answer until that is stored.
    pub calls_at_once: usize,
    /// Other requests that are under way at the same time. Each holds its events until they are stored.
    pub others_at_once: usize,
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
        let few = Rate::of(200, 4 * 1024 * 1024);
        let many = few.of_many();
        Self {
            calls_at_once: 256,
            others_at_once: 1_024,
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

impl Rate {
    /// So many requests and bytes a second, and several times as many after a rest: a page's outbox comes with all it has.
    pub fn of(requests: u32, bytes: u32) -> Self {
        Self {
            requests,
            requests_at_once: requests.saturating_mul(5),
            bytes,
            bytes_at_once: bytes.saturating_mul(8),
        }
    }

    /// Of a site with many viewers, or of a server, when this is what one address may.
    pub fn of_many(self) -> Self {
        Self::of(self.requests.saturating_mul(5), self.bytes.saturating_mul(4))
    }
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

/// What is left for one party, in thousandths: so many are added in each millisecond, without fractions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bucket {
    requests: u64,
    bytes: u64,
    at_ms: u64,
}

impl Bucket {
    fn full(rate: Rate, now_ms: u64) -> Self {
        let [requests, bytes] = [rate.requests_at_once, rate.bytes_at_once].map(at_least_one);
        Self { requests: THOUSAND * requests, bytes: THOUSAND * bytes, at_ms: now_ms }
    }

    fn fill(&mut self, rate: Rate, now_ms: u64) {
        let ms = now_ms.saturating_sub(self.at_ms);
        let full = Self::full(rate, now_ms);
        let filled = |level: u64, rate: u32| level.saturating_add(ms.saturating_mul(at_least_one(rate)));
        self.requests = filled(self.requests, rate.requests).min(full.requests);
        self.bytes = filled(self.bytes, rate.bytes).min(full.bytes);
        self.at_ms = self.at_ms.max(now_ms);
    }

    /// Milliseconds until there is enough; nothing if there is.
    fn wait_ms(&self, rate: Rate, bytes: u64) -> u64 {
        let wait = |missing: u64, rate: u32| missing.div_ceil(at_least_one(rate));
        let requests = wait(THOUSAND.saturating_sub(self.requests), rate.requests);
        requests.max(wait(bytes.saturating_sub(self.bytes), rate.bytes))
    }

    fn take(&mut self, bytes: u64) {
        self.requests = self.requests.saturating_sub(THOUSAND);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// It says no more than that there is none.
    fn is_full(mut self, rate: Rate, now_ms: u64) -> bool {
        self.fill(rate, now_ms);
        self == Self { at_ms: self.at_ms, ..Self::full(rate, now_ms) }
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
        let mut wait_ms = 0;
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
            let bytes =
                THOUSAND * u64::try_from(bytes).unwrap_or(u64::MAX).min(at_least_one(rate.bytes_at_once));
            wait_ms = wait_ms.max(bucket.wait_ms(rate, bytes));
            bucket.take(bytes);
            taken.push((party, bucket));
        }
        if wait_ms > 0 {
            return Err(u32::try_from(wait_ms).unwrap_or(u32::MAX).min(MAX_WAIT_MS));
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
fn at_least_one(limit: u32) -> u64 {
    limit.max(1).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { requests: 2, requests_at_once: 4, bytes: 100, bytes_at_once: 300 };

    fn limits(parties: usize) -> Limits {
        let ample = Rate { requests: 1_000, requests_at_once: 1_000, bytes: 1 << 30, bytes_at_once: 1 << 30 };
        Limits { site: ample, address: RATE, key: RATE, parties, ..Limits::default() }
    }

    fn address(place: usize) -> Party {
        Party::address(&format!("192.0.2.{place}"))
    }

    #[test]
    fn so_many_at_once_and_then_so_many_a_second() {
        let (limits, mut buckets) = (limits(100), Buckets::default());
        let mut admit = |now_ms, bytes| buckets.admit(&limits, now_ms, &[address(1)], bytes);
        for _ in 0..4 {
            assert_eq!(admit(0, 0), Ok(()));
        }
        assert_eq!(admit(0, 0), Err(500));
        assert_eq!(admit(499, 0), Err(1), "what is refused costs nothing");
        assert_eq!(admit(500, 0), Ok(()));
        assert_eq!(admit(500, 0), Err(500));
        // After a long rest there is no more than at once.
        for _ in 0..4 {
            assert_eq!(admit(3_600_000, 0), Ok(()));
        }
        assert_eq!(admit(3_600_000, 0), Err(500));
        // The clock of a caller who is behind gives nothing back.
        assert_eq!(admit(0, 0), Err(500));
    }

    #[test]
    fn bytes_count_as_well() {
        let (limits, mut buckets) = (limits(100), Buckets::default());
        let mut admit = |now_ms, bytes| buckets.admit(&limits, now_ms, &[address(1)], bytes);
        assert_eq!(admit(0, 250), Ok(()));
        assert_eq!(admit(0, 100), Err(500));
        assert_eq!(admit(0, 50), Ok(()));
        assert_eq!(admit(1_000, 101), Err(10));
        // Larger than all that there is at once: it waits until that is there, and is let through then.
        assert_eq!(admit(1_000, 1_000_000), Err(2_000));
        assert_eq!(admit(3_000, 1_000_000), Ok(()));
        assert_eq!(admit(3_000, 1), Err(10));
    }

    #[test]
    fn a_request_is_counted_for_all_or_for_none() {
        let site = |limits: &mut Limits, requests_at_once| limits.site = Rate { requests_at_once, ..RATE };
        let (mut limits, mut buckets) = (limits(100), Buckets::default());
        site(&mut limits, 1);
        let both = [Party::site("p", "https://shop.example"), address(1)];
        assert_eq!(buckets.admit(&limits, 0, &both, 0), Ok(()));
        for _ in 0..10 {
            assert_eq!(buckets.admit(&limits, 0, &both, 0), Err(500));
        }
        // The address has three left.
        for _ in 0..3 {
            assert_eq!(buckets.admit(&limits, 0, &[address(1)], 0), Ok(()));
        }
        assert!(buckets.admit(&limits, 0, &[address(1)], 0).is_err());
        // Another project of the same origin, and the same of another, are other sites.
        for (project, origin) in [("q", "https://shop.example"), ("p", "https://other.example")] {
            assert_eq!(buckets.admit(&limits, 0, &[Party::site(project, origin)], 0), Ok(()));
        }
    }

    #[test]
    fn limits_of_nothing_are_limits_of_one() {
        let nothing = Rate { requests: 0, requests_at_once: 0, bytes: 0, bytes_at_once: 0 };
        let (limits, mut buckets) = (Limits { key: nothing, ..limits(100) }, Buckets::default());
        let key = [Party::Server("backend".into())];
        assert_eq!(buckets.admit(&limits, 0, &key, 1_000), Ok(()));
        assert_eq!(buckets.admit(&limits, 0, &key, 1_000), Err(1_000));
        assert_eq!(buckets.admit(&limits, 1_000, &key, 1_000), Ok(()));
    }

    #[test]
    fn parties_beyond_the_limit_share_one_count() {
        let (limits, mut buckets) = (limits(3), Buckets::default());
        for place in 0..3 {
            assert_eq!(buckets.admit(&limits, 0, &[address(place)], 0), Ok(()));
        }
        // Anybody with a token may have as many addresses as it pleases: that costs no memory, and those who were there before keep
        // what they have.
        let new = (3..103).filter(|place| buckets.admit(&limits, 0, &[address(*place)], 0).is_ok());
        assert_eq!(new.count(), 4);
        assert_eq!(buckets.len(), 4);
        for place in 0..3 {
            assert_eq!(buckets.admit(&limits, 0, &[address(place)], 0), Ok(()));
        }
        // Those at rest make room.
        assert_eq!(buckets.admit(&limits, 2_000, &[address(7)], 0), Ok(()));
        assert_eq!(buckets.len(), 1);
    }

    #[test]
    fn who_has_one_address_of_ipv6_has_its_network() {
        for (one, other, are_same) in [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("unix", "unix", true),
            ("unix", "", false),
        ] {
            assert_eq!(Party::address(one) == Party::address(other), are_same, "{one} {other}");
        }
    }

    #[test]
    fn limits_are_read_from_a_file() {
        let read = |text: &str| toml::from_str::<Limits>(text);
        assert_eq!(read("").unwrap(), Limits::default());
        let text =
            "callsAtOnce = 7\naddress = { requests = 1, requestsAtOnce = 2, bytes = 3, bytesAtOnce = 4 }";
        let limits = read(text).unwrap();
        assert_eq!(limits.calls_at_once, 7);
        let rate = Rate { requests: 1, requests_at_once: 2, bytes: 3, bytes_at_once: 4 };
        assert_eq!((limits.address, limits.site), (rate, Limits::default().site));
        assert!(read("callsatonce = 7").is_err());
    }
}
