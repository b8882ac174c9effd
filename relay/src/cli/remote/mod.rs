//! Commands over the management API of a relay that runs.
//!
//! - `options`: what can be written. `client`: requests. `table`: lists for people. `webhooks`, `deliveries`: what is asked and shown.

mod client;
mod deliveries;
mod options;
mod table;
#[cfg(test)]
mod tests;
mod webhooks;

pub use options::{DeliveriesCommand, RemoteOptions, WebhooksCommand};

use client::Client;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// Where the key is, unless a file is named.
pub(super) const KEY_VARIABLE: &str = "CUEHOOK_RELAY_API_KEY";

/// Carries out a command about webhooks.
pub(super) async fn webhooks(
    command: &WebhooksCommand,
    remote: &RemoteOptions,
    environment: &BTreeMap<String, String>,
    directory: &Path,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let client = Client::new(remote, environment, directory)?;
    webhooks::run(command, &client, directory, out).await
}

/// Carries out a command about deliveries.
pub(super) async fn deliveries(
    command: &DeliveriesCommand,
    remote: &RemoteOptions,
    environment: &BTreeMap<String, String>,
    directory: &Path,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let client = Client::new(remote, environment, directory)?;
    deliveries::run(command, &client, out).await
}
