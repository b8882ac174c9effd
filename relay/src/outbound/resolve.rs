//! Names to addresses.

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use std::fmt::Debug;
use std::net::IpAddr;

/// The most addresses of a name that are looked at. A name with more of them has none: what is not vetted cannot be relied on.
const MAX_ADDRESSES: usize = 64;

/// Why a name has no addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// It has none.
    #[error("the name has no address")]
    None,
    /// It has too many.
    #[error("the name has more than {MAX_ADDRESSES} addresses")]
    TooMany,
    /// Nobody could be asked, or nobody answered.
    #[error("the name's addresses could not be found: {0}")]
    Failed(String),
}

/// Finds the addresses of names.
#[async_trait]
pub trait Resolve: Debug + Send + Sync + 'static {
    /// All addresses of a name, in the order in which they should be tried.
    async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, ResolveError>;
}

/// Asks the name servers of the system (`/etc/resolv.conf`), after `/etc/hosts`. Answers are kept as long as they say. Nothing waits
/// on a thread, so that whoever gives up leaves nothing behind.
#[derive(Clone)]
pub struct SystemResolver {
    resolver: Result<TokioResolver, String>,
}

impl SystemResolver {
    /// Reads the system's settings. Without them no name has an address; addresses can be called all the same.
    pub fn new() -> Self {
        let resolver =
            TokioResolver::builder_tokio().and_then(|builder| builder.build()).map_err(|e| e.to_string());
        if let Err(fault) = &resolver {
            tracing::warn!(%fault, "the system's name servers are not known: webhooks cannot be called by name");
        }
        Self { resolver }
    }
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self::new()
    }
}

impl Debug for SystemResolver {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SystemResolver").finish_non_exhaustive()
    }
}

#[async_trait]
impl Resolve for SystemResolver {
    async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, ResolveError> {
        let resolver = self.resolver.as_ref().map_err(|fault| ResolveError::Failed(fault.clone()))?;
        let found = resolver.lookup_ip(name).await.map_err(|fault| {
            if fault.is_no_records_found() {
                ResolveError::None
            } else {
                ResolveError::Failed(fault.to_string())
            }
        })?;
        all(found.iter())
    }
}

/// All addresses of a name, if there are any, and not too many to be vetted.
fn all(found: impl Iterator<Item = IpAddr>) -> Result<Vec<IpAddr>, ResolveError> {
    let addresses: Vec<IpAddr> = found.take(MAX_ADDRESSES + 1).collect();
    match addresses.len() {
        0 => Err(ResolveError::None),
        1..=MAX_ADDRESSES => Ok(addresses),
        _ => Err(ResolveError::TooMany),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_all_its_addresses_or_none() {
        let found =
            |count: u32| all((0..count).map(|number| IpAddr::from((0x0101_0101 + number).to_be_bytes())));
        assert_eq!(found(0), Err(ResolveError::None));
        assert_eq!(found(1).map(|all| all.len()), Ok(1));
        assert_eq!(found(64).map(|all| all.len()), Ok(64));
        assert_eq!(found(65), Err(ResolveError::TooMany));
        assert_eq!(found(1_000), Err(ResolveError::TooMany));
    }
}
