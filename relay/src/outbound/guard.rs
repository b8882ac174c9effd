//! Every address of a host is vetted, and only what was vetted can be connected to.

use super::address::special_use;
use super::fault::Fault;
use ipnet::IpNet;
use std::net::IpAddr;

/// Addresses that may be called. There is no other way to have some than [`Guard::vet`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vetted(Vec<IpAddr>);

impl Vetted {
    /// The addresses, at least one.
    pub fn addresses(&self) -> &[IpAddr] {
        &self.0
    }
}

/// Which addresses may be called.
#[derive(Clone, Debug)]
pub struct Guard {
    allow: Vec<IpNet>,
}

impl Guard {
    /// Public addresses, and those of some networks.
    pub fn new(allow: &[IpNet]) -> Self {
        Self { allow: allow.to_vec() }
    }

    /// All addresses of a host, if all of them may be called: without TLS only those of the networks that are allowed,
    /// because secrets go along; a browser refuses the same from a page with TLS.
    ///
    /// One that may not is a reason to refuse the name: somebody who may
    /// choose what a name stands for tries to get somewhere, or the name belongs to the inside of a network.
    ///
    /// # Errors
    /// [`Fault::Address`] and [`Fault::Plain`], for the first one that may not be called; also without any address at all.
    pub fn vet(&self, addresses: &[IpAddr], is_tls: bool) -> Result<Vetted, Fault> {
        let mut vetted: Vec<IpAddr> = Vec::new();
        for address in addresses.iter().map(IpAddr::to_canonical) {
            if !self.allow.iter().any(|network| network.contains(&address)) {
                if let Some(used_for) = special_use(address) {
                    return Err(Fault::Address { address, used_for });
                }
                if !is_tls {
                    return Err(Fault::Plain);
                }
            }
            if !vetted.contains(&address) {
                vetted.push(address);
            }
        }
        if vetted.is_empty() {
            return Err(Fault::Resolve(super::resolve::ResolveError::None));
        }
        Ok(Vetted(vetted))
    }
}
