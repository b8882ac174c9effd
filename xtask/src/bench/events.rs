//! Events of Cuehook beside those of other libraries: what is lost when a browser is killed, what an event costs, how much is
//! downloaded. All send to the collector of the development server, at another origin.

mod collector;
mod costs;
mod losses;
mod report;
mod sides;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use self::collector::Collector;
use self::sides::Side;
use crate::build;
use crate::server::Server;
use crate::setup::{self, EVENT_PEERS, Need};
use crate::workspace;

/// Where the bundles of the peers are, below the root.
pub fn bundles(root: &Path) -> PathBuf {
    sides::bundles(root)
}

/// Measures the sides named, or all; kills each so many times. A whole run writes its tables into `benches/README.md`.
///
/// # Errors
/// If something that is needed cannot be installed, a page does not work, or Cuehook loses an event.
pub fn run(quick: bool, kills: u32, only: &[String]) -> Result<()> {
    build::run(build::Quality::Release)?;
    setup::ensure(&[Need::Browser, Need::Node, Need::Shrinkers, Need::EventPeers])?;
    sides::bundle()?;
    let sides: Vec<&Side> = Side::ALL
        .iter()
        .filter(|side| only.is_empty() || only.iter().any(|name| name == side.name))
        .collect();
    if sides.is_empty() {
        let names: Vec<&str> = Side::ALL.iter().map(|side| side.name).collect();
        bail!("there is no such side; there are {}", names.join(", "));
    }
    let server = Server::start_anywhere(&workspace::root())?;
    let collector = Collector::new(&server);
    let amount = if quick { losses::Amount::quick() } else { losses::Amount::of(kills) };
    let downloads = sides.iter().map(|side| side.download()).collect::<Result<Vec<_>>>()?;
    let costs = costs::measure(&sides, &server, &collector, quick)?;
    let recording = match sides.iter().any(|side| side.name == sides::CUEHOOK) {
        true => Some(costs::recording(&server, &collector, quick)?),
        false => None,
    };
    let lost = losses::measure(&sides, &server, &collector, amount)?;
    let tables = report::tables(&sides, &downloads, &lost, &costs, recording.as_ref(), amount);
    println!("{tables}");
    if !quick && only.is_empty() {
        report::write(&workspace::root().join("benches/README.md"), &tables)?;
    }
    losses::judge(&sides, &lost)
}

/// The folder of the peers.
fn peers() -> PathBuf {
    workspace::root().join(EVENT_PEERS)
}
